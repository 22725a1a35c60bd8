"""What can be done with a review. Views and the clock come through here."""
