"""What can be done with courses. Views, commands and the API all come through here."""
