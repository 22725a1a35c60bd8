"""What somebody meant to do and what was acknowledged, line by line on disk: it outlives whoever wrote it."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any


class Ledger:
    """One JSON object a line. A line that was cut off by a kill was never acted on, and is passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        is_cut = path.exists() and not _end_of(path, 1).endswith(b"\n")
        self._file = path.open("a", encoding="utf-8")
        if is_cut:
            self._file.write("\n")

    def write(self, **line: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()


def _end_of(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - most))
        return file.read()


def read(path: Path, *, last: int | None = None) -> Iterator[dict[str, Any]]:
    """The whole lines of a ledger, in their order; none where there is no file. `last`: only of its last so many bytes."""
    if not path.exists():
        return
    whole = path.read_bytes() if last is None else _end_of(path, last)
    for line in whole.split(b"\n"):
        try:
            yield json.loads(line)
        except ValueError:
            continue
