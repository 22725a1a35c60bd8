"""The support desk: where the people of a body work the questions that lie with it. It has no tables of its own."""
