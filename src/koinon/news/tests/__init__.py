"""What is promised of news, follows and the newsletter."""
