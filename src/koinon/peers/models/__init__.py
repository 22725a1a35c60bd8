"""What is there: offers and needs, profiles, matches, messages, exchanges."""
