"""Django's backend for SQLite, with one difference (`base.py`)."""
