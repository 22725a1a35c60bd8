"""What can be done with calls. Views, commands and the API all come through here."""
