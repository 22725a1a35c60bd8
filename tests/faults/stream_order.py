"""A slow commit beside a quick one, on PostgreSQL: what does somebody miss who reads "all after the last number"?

`python -m tests.faults.stream_order PAIRS` prints how many changes were missed: with numbers that the database hands out at the
insert (naive), and with ours. Each pair: the slow one writes and does not commit yet; the quick one writes and commits, if it
may; somebody reads; the slow one commits; somebody reads again.
"""

import json
import os
import sys
import threading
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koinon.settings")
if __name__ == "__main__":
    django.setup()

from django.db import connection, transaction

from koinon.live.actions import announce
from koinon.live.models import Change


class Steps:
    """Another thread with a connection of its own, which does one thing after the other; `do` returns what waits for it."""

    def __init__(self) -> None:
        self._work: Callable[[], None] | None = None
        self._ready, self._done = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            self._ready.acquire()
            if self._work is None:
                connection.close()
                return
            self._work()
            self._done.release()

    def begin(self, work: Callable[[], None]) -> None:
        self._work = work
        self._ready.release()

    def wait(self, seconds: float | None = None) -> bool:
        return self._done.acquire(timeout=seconds)

    def end(self) -> None:
        self._work = None
        self._ready.release()
        self._thread.join()


def missed(
    pairs: int,
    write: Callable[[str], None],
    read: Callable[[int], list[tuple[int, str]]],
    *,
    waits: float | None,
) -> set[str]:
    """What was written and never read, by somebody who reads all after the last number.

    `waits`: seconds for the quick one to be done before the slow one commits; None where it surely will be.
    """
    quick = Steps()
    seen: set[str] = set()
    last = 0

    def look() -> None:
        nonlocal last
        for number, word in read(last):
            last = max(last, number)
            seen.add(word)

    for pair in range(pairs):
        with transaction.atomic():
            write(f"slow {pair}")
            quick.begin(lambda word=f"quick {pair}": write(word))  # type: ignore[misc]
            is_done = quick.wait(waits)
            _elsewhere(look)
        if not is_done:
            quick.wait()
        _elsewhere(look)
    quick.end()
    return {f"{who} {pair}" for pair in range(pairs) for who in ("slow", "quick")} - seen


_reader = Steps()


def _elsewhere(look: Callable[[], None]) -> None:
    """On a connection that is not in the transaction of the slow one."""
    _reader.begin(look)
    _reader.wait()


def naive_write(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO naive (word) VALUES (%s)", [word])


def naive_read(last: int) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, word FROM naive WHERE id > %s ORDER BY id", [last])
        return list(cursor.fetchall())


def our_write(word: str) -> None:
    announce("order", "say", {"said": word})


def our_read(last: int) -> list[tuple[int, str]]:
    found = Change.objects.of("order", after=last).values_list("number", "data")
    return [(number, json.loads(data)["said"]) for number, data in found]


def main(pairs: int) -> None:
    from django.core.management import call_command

    call_command("migrate", "live", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS naive")
        cursor.execute("CREATE TABLE naive (id bigserial PRIMARY KEY, word text)")
    naive = missed(pairs, naive_write, naive_read, waits=None)
    # Ours waits for the row, so it is done only after the slow one; a moment shows that it does.
    ours = missed(pairs, our_write, our_read, waits=0.002)
    _reader.end()
    print(json.dumps({"naive": len(naive), "ours": len(ours), "seen": 2 * pairs - len(ours)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
