"""How the desk is reached over the web: the inbox, one case, publishing an answer, the promise."""
