"""What is there: calls, their cut-off dates, their conditions, their history."""
