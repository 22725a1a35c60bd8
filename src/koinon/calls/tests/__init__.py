"""What is promised of calls."""
