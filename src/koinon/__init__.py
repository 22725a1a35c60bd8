"""Koinon: every place asks, the network answers, no question is lost."""

__version__ = "0.1.0"
