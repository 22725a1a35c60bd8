"""How the network is reached over the web: one file for each subject."""
