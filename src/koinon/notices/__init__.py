"""Notices: anyone reports content, and gets a number, a decision with reasons, and somebody else for a complaint."""
