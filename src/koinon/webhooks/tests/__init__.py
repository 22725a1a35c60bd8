"""What is promised of webhooks."""
