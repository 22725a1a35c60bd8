"""Brings a SQLite that keeps what it has acknowledged.

SQLite from 3.7.0 to 3.51.2 can lose committed writes in WAL mode (the WAL-reset race, fixed in 3.51.3 and, for the older
lines, in 3.50.7 and 3.44.6: https://sqlite.org/wal.html#walresetbug). Python on many systems links such a one, so the
dependency `pysqlite3` takes the place of the standard module. Where only an old one can be had, the database is opened
with `journal_mode=DELETE`, which the fault does not touch.
"""

import sqlite3 as standard
import sys
from types import ModuleType
from typing import Final

FIXED_IN: Final = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def is_fixed(version: tuple[int, int, int]) -> bool:
    """Whether a SQLite of this version is free of the WAL-reset race."""
    newest = FIXED_IN[0]
    return version >= newest or any(version[:2] == fixed[:2] and version >= fixed for fixed in FIXED_IN[1:])


def choose() -> ModuleType:
    """Make `import sqlite3` mean the newer of the two SQLites at hand, and return it.

    Must run before Django's database backend is imported; `settings.py` does.
    """
    try:
        import pysqlite3
    except ImportError:
        return standard
    if pysqlite3.sqlite_version_info <= standard.sqlite_version_info:
        return standard
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
    chosen: ModuleType = pysqlite3
    return chosen


def journal_mode() -> str:
    """`WAL` on a fixed SQLite, `DELETE` on one that could lose writes."""
    import sqlite3

    return "WAL" if is_fixed(sqlite3.sqlite_version_info) else "DELETE"


def why() -> str:
    """One sentence for the health page: which SQLite runs, in which mode, and why."""
    import sqlite3

    if journal_mode() == "WAL":
        return f"SQLite {sqlite3.sqlite_version}, write-ahead log"
    return (
        f"SQLite {sqlite3.sqlite_version} can lose writes with a write-ahead log, "
        "so the slower rollback journal is used; install pysqlite3 to change that"
    )
