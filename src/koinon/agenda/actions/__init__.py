"""What can be done with sessions and registrations. Views, commands and the API all come through here."""
