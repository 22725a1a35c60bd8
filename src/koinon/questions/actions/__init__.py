"""What can be done with a question: asking, working it, the clock, publishing."""
