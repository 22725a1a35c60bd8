"""Who may do what in the network: one file for each subject."""
