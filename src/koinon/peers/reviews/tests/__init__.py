"""What is promised of reviews."""
