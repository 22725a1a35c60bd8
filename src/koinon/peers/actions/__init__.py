"""What can be done among peers. Views, commands and the API all come through here."""
