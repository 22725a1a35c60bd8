"""Very much at the same moment: a few threads, each with its own connection, do what a thousand people do in one minute."""

import random
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import chain

from django.conf import settings
from django.db import OperationalError, connection

Deed = Callable[[], object]
THREADS = 6
AGAIN = 20
"""Who hears that the database is busy (503) sends it again."""


def ready() -> None:
    """All addresses are read before anybody comes, as in a server: seconds in which nobody is to hold the database."""
    import_module(settings.ROOT_URLCONF)


def at_once(deeds: Iterable[Deed], *, expected: tuple[type[Exception], ...] = ()) -> list[str]:
    """Do all of it on a few threads; what failed comes back, but for what is `expected` where others were quicker."""

    def run(deed: Deed) -> str:
        said = ""
        for _again in range(AGAIN):
            try:
                deed()
            except expected:
                return ""
            except OperationalError as busy:
                said = repr(busy)
            except Exception as trouble:
                return repr(trouble)
            else:
                return ""
        return said

    with ThreadPoolExecutor(THREADS) as crowd:
        failed = [trouble for trouble in crowd.map(run, deeds) if trouble]
        list(crowd.map(lambda _: connection.close(), range(THREADS * 4)))
    return failed


def mixed(chance: random.Random, groups: Iterable[Sequence[Deed]]) -> list[Deed]:
    """What belongs together stays side by side, so that it meets; within, the order is drawn by lot."""
    return list(chain.from_iterable(chance.sample(group, len(group)) for group in groups))
