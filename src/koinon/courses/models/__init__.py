"""What is there: courses, their modules and texts, who learns."""
