"""What can be done in the network. Views, commands and the API all come through here."""
