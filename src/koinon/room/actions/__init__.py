"""What can be done in a room: by the audience, by moderators, by the house. Views, the API and the doors come through here."""
