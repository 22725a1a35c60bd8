"""What is promised of peers."""
