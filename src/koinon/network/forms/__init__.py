"""What may be typed about the network: one file for each subject."""
