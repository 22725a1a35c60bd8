"""What can be done with news, follows and newsletters. Views, commands and the API all come through here."""
