"""What is promised of courses."""
