"""What is there: news items, who follows what, newsletters."""
