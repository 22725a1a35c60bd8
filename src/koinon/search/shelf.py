"""Where the index lies: DATA/search, a folder for each time it was made anew, and a file that names the one in use.

    DATA/search/current     the name of the folder in use; replaced in one stroke
    DATA/search/g-…/        one index, with `state.json`: its version, and up to where it knows the changes
    DATA/search/lock        held by the one process that writes

Nothing that is half made is ever named in `current`, and what is named there is changed only by Tantivy's own commits, which
are atomic: whoever is killed leaves an index that can be read.
"""

import json
import os
import secrets
import shutil
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from koinon.search.engine import VERSION, Broken

CURRENT: Final = "current"
STATE: Final = "state.json"
WISH: Final = "rebuild"
DOUBT: Final = "doubt"
_MAGIC: Final = 1337
_PIECE: Final = 1_000_000


@dataclass(frozen=True)
class State:
    """What an index knows: its version, the last change it has taken in, when it last looked, when it was made."""

    version: int
    change: int
    looked: float
    made: float


def root() -> Path:
    return Path(settings.DATA) / "search"


def current() -> Path:
    """The folder in use. `Broken` where there is none, or it is of another version."""
    try:
        name = (root() / CURRENT).read_text(encoding="ascii").strip()
    except (OSError, ValueError) as missing:
        raise Broken("there is no index yet", "missing") from missing
    folder = root() / name
    if not name.startswith("g-") or "/" in name or not folder.is_dir():
        raise Broken("the index that is named is not there", "missing")
    if read_state(folder).version != VERSION:
        raise Broken("the index is of another version", "another version")
    return folder


def new_folder() -> Path:
    """A folder for an index that is to be made; nobody reads it yet."""
    folder = root() / f"g-{secrets.token_hex(6)}"
    folder.mkdir(parents=True)
    return folder


def put_in_use(folder: Path) -> None:
    """From now on readers take this one."""
    _write(root() / CURRENT, folder.name)


def read_state(folder: Path) -> State:
    try:
        return State(**json.loads((folder / STATE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as trouble:
        raise Broken("the state of the index cannot be read") from trouble


def write_state(folder: Path, state: State) -> None:
    _write(folder / STATE, json.dumps(asdict(state)))


def verify(folder: Path) -> None:
    """Whether each file of an index is as it was written: its own sum stands at its end. `Broken` where one is not."""
    for file in folder.iterdir():
        if file.name.startswith(".") or file.suffix in {"", ".json", ".lock", ".del_"}:
            continue
        try:
            sound = _is_sound(file)
        except (OSError, ValueError, KeyError, struct.error) as trouble:
            raise Broken(f"{file.name} is damaged") from trouble
        if not sound:
            raise Broken(f"{file.name} is damaged")


def _is_sound(file: Path) -> bool:
    """Read piece by piece: an index may be larger than what there is of memory."""
    with file.open("rb") as content:
        size = content.seek(0, os.SEEK_END)
        content.seek(size - 8)
        length, magic = struct.unpack("<II", content.read(8))
        end = size - 8 - length
        content.seek(end)
        footer = json.loads(content.read(length))
        content.seek(0)
        found = 0
        while (left := end - content.tell()) > 0:
            piece = content.read(min(_PIECE, left))
            if not piece:
                return False
            found = zlib.crc32(piece, found)
            # Whoever waits for an answer goes first.
            time.sleep(0)
    return bool(magic == _MAGIC and found == footer["crc"])


def sweep() -> None:
    """Remove the folders that are not in use. Whoever still reads one goes on: its files are open."""
    kept = ""
    with suppress(OSError):
        kept = (root() / CURRENT).read_text(encoding="ascii").strip()
    for folder in root().glob("g-*"):
        if folder.name != kept:
            shutil.rmtree(folder, ignore_errors=True)


def ask_for_rebuild() -> None:
    """Tell the process that keeps the index to make it anew."""
    (root() / WISH).touch()


def take_wish() -> bool:
    """Whether somebody asked for it since the last time."""
    try:
        (root() / WISH).unlink()
    except OSError:
        return False
    return True


def doubt(folder: Path) -> None:
    """Tell the process that keeps the index that this one could not be read: it looks whether it is sound."""
    _write(root() / DOUBT, folder.name)


def take_doubt(folder: Path) -> bool:
    """Whether somebody could not read this index since the last time. What was said of another one is forgotten."""
    file = root() / DOUBT
    try:
        name = file.read_text(encoding="ascii", errors="replace").strip()
        file.unlink()
    except OSError:
        return False
    return name == folder.name


def being_made() -> bool:
    """Whether an index is being made beside the one in use, by whatever process."""
    try:
        kept = (root() / CURRENT).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        kept = ""
    return any(folder.name != kept for folder in root().glob("g-*"))


@contextmanager
def writing() -> Iterator[bool]:
    """Whether this process may write: one at a time. The lock goes with the process, however it ends."""
    import fcntl

    root().mkdir(parents=True, exist_ok=True)
    with (root() / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(3)}")
    try:
        with beside.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
