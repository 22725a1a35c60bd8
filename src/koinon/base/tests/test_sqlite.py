"""A SQLite that keeps what it acknowledged, or a slower way of keeping it."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from koinon.base.backends.sqlite.base import DatabaseWrapper
from koinon.base.sqlite import is_fixed, journal_mode


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 4), (3, 50, 7), (3, 50, 9), (3, 44, 6)])
def test_versions_that_are_fixed(version: tuple[int, int, int]) -> None:
    assert is_fixed(version)


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2), (3, 50, 6), (3, 44, 5), (3, 45, 9)])
def test_versions_that_can_lose_writes(version: tuple[int, int, int]) -> None:
    assert not is_fixed(version)


def test_an_old_one_falls_back_to_the_slow_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))

    assert journal_mode() == "DELETE"


@pytest.mark.django_db
def test_the_house_runs_on_a_fixed_one() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            version = cursor.execute("SELECT sqlite_version()").fetchone()[0]
        major, minor, patch = (int(part) for part in version.split("."))
        assert is_fixed((major, minor, patch))


@pytest.mark.django_db
def test_who_waited_in_vain_to_write_leaves_no_open_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open one is thrown away by the thread of another, which then waits for this one's connection."""
    options = {"transaction_mode": "IMMEDIATE", "timeout": 0.05}
    asked = connection.settings_dict | {"NAME": str(tmp_path / "two.sqlite3"), "OPTIONS": options}
    first, second = DatabaseWrapper(asked, "first"), DatabaseWrapper(asked, "second")
    made = []
    real = DatabaseWrapper.create_cursor

    def kept(self: DatabaseWrapper, name: str | None = None) -> Any:
        made.append(real(self, name))
        return made[-1]

    try:
        first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        second.ensure_connection()
        monkeypatch.setattr(DatabaseWrapper, "create_cursor", kept)
        with pytest.raises(OperationalError, match="locked"):
            second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        [cursor] = made
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            cursor.fetchone()
    finally:
        monkeypatch.undo()
        first.close()
        second.close()
