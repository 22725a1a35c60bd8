"""Django's backend for SQLite, but that who waited in vain for the lock leaves nothing behind that others stumble over.

Where `BEGIN IMMEDIATE` is told that the database is locked, Django's own leaves the cursor to the garbage collector, inside the
circle of the error and its traceback. The collector runs in whichever thread it comes to, also in the one that holds the lock;
to throw that cursor away, the thread waits for its connection, on which its owner waits for the lock again: nobody writes until
he gives up. Seen with six threads and a thousand consents at once: half an hour without a write.
"""

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    def _start_transaction_under_autocommit(self) -> None:
        """Begin to write; the cursor is closed here and now, whatever comes of it."""
        with self.cursor() as cursor:
            cursor.execute(f"BEGIN {self.transaction_mode or ''}")  # type: ignore[attr-defined]
