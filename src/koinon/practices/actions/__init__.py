"""What can be done with practices: one file for each subject."""
