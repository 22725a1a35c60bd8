"""One archive of everything, taken while the house runs; and everything back from it on a bare machine.

The archive is a gzipped tar: `manifest.json`, then `database.sqlite3` (SQLite's own online backup) or `database.dump`
(PostgreSQL's `pg_dump --format=custom`), then the data folder's `secret`.
"""

import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from koinon import __version__

FORMAT = 1
SQLITE, DUMP = "database.sqlite3", "database.dump"


class BackupError(Exception):
    """What stands in the way, in words for the operator."""


def write(target: Path) -> None:
    """Write the archive; readable by its owner alone. It appears whole under its name or not at all."""
    with tempfile.TemporaryDirectory(prefix="koinon-backup-", dir=target.resolve().parent) as folder:
        here = Path(folder)
        database = _copy_sqlite(here) if connection.vendor == "sqlite" else _dump_postgresql(here)
        manifest = {
            "format": FORMAT,
            "koinon": __version__,
            "database": connection.vendor,
            "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        made = here / "archive"
        with (
            open(os.open(made, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as raw,
            tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive,
        ):
            _add_bytes(archive, "manifest.json", json.dumps(manifest, indent=1).encode())
            archive.add(database, arcname=database.name)
            secret = settings.DATA / "secret"
            if secret.exists():
                archive.add(secret, arcname="secret")
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(target)


def restore(source: Path) -> dict[str, Any]:
    """Bring everything back. Refuses where there is already something, so that nothing is written over."""
    with tempfile.TemporaryDirectory(prefix="koinon-restore-") as folder:
        here = Path(folder)
        try:
            with tarfile.open(source, "r:gz") as archive:
                _unpack(archive, here)
        except (tarfile.TarError, OSError, EOFError) as error:
            raise BackupError(f"{source} is no backup of Koinon, or is damaged: {error}") from error
        try:
            manifest: dict[str, Any] = json.loads((here / "manifest.json").read_text())
        except (OSError, ValueError) as error:
            raise BackupError(f"{source} is no backup of Koinon: it has no manifest") from error
        if manifest.get("format") != FORMAT:
            raise BackupError(
                f"This backup has format {manifest.get('format')}; this version reads {FORMAT}."
            )
        if manifest["database"] != connection.vendor:
            raise BackupError(
                f"The backup is of {manifest['database']}; here {connection.vendor} is set. Set DATABASE_URL to match."
            )
        if connection.vendor == "sqlite":
            _put_sqlite(here / SQLITE)
        else:
            _load_postgresql(here / DUMP)
        settings.DATA.mkdir(parents=True, exist_ok=True)
        if (here / "secret").exists():
            shutil.copyfile(here / "secret", settings.DATA / "secret")
            os.chmod(settings.DATA / "secret", 0o600)
    return manifest


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """What a backup holds, each as a plain file under its own name; whatever else somebody put into the archive is left out."""
    for name in ("manifest.json", SQLITE, DUMP, "secret"):
        try:
            there = archive.extractfile(name)
        except KeyError:
            continue
        if there is not None:
            with there, (folder / name).open("xb") as copy:
                shutil.copyfileobj(there, copy)


def _copy_sqlite(folder: Path) -> Path:
    import sqlite3

    target = folder / SQLITE
    connection.ensure_connection()
    copy = sqlite3.connect(target)
    try:
        connection.connection.backup(copy)
        if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise BackupError("The copy is damaged; the database should be looked at.")
    finally:
        copy.close()
    return target


def _put_sqlite(copy: Path) -> None:
    target = Path(settings.DATABASES["default"]["NAME"])
    if target.exists():
        raise BackupError(
            f"{target} exists already. Restore into an empty data folder, or move it away first."
        )
    connection.close()
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_suffix(".half")
    shutil.copyfile(copy, half)
    half.replace(target)


def _postgresql(program: str) -> tuple[list[str], dict[str, str]]:
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} was not found. It comes with PostgreSQL's client programs.")
    known = settings.DATABASES["default"]
    names = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    return [found], os.environ | {name: str(known[key]) for name, key in names.items() if known[key]}


def _dump_postgresql(folder: Path) -> Path:
    target = folder / DUMP
    words, environment = _postgresql("pg_dump")
    words += ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise BackupError(f"pg_dump failed: {done.stderr.strip()}")
    return target


def _load_postgresql(dump: Path) -> None:
    if connection.introspection.table_names():
        raise BackupError("The database has tables already. Restore into an empty one.")
    connection.close()
    words, environment = _postgresql("pg_restore")
    words += ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    words += [f"--dbname={environment['PGDATABASE']}", str(dump)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise BackupError(f"pg_restore failed: {done.stderr.strip()}")


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    archive.addfile(info, io.BytesIO(content))
