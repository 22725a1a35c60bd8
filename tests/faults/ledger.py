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
        is_cut = path.exists() and not path.read_bytes().endswith(b"\n")
        self._file = path.open("a", encoding="utf-8")
        if is_cut:
            self._file.write("\n")

    def write(self, **line: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a ledger, in their order; none where there is no file."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").split("\n"):
        try:
            yield json.loads(line)
        except ValueError:
            continue
