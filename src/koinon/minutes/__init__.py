"""The report of a session: drafted from the record of its room, corrected, published, kept at a lasting address."""
