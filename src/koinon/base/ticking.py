"""What is due, minute by minute. A capability adds its function in `apps.py`; `koinon tick` and `koinon up` call them.

Each function may run in several processes at once and must claim what it does in the database.
"""

import logging
from collections.abc import Callable

log = logging.getLogger("koinon.tick")

due: list[Callable[[], None]] = []
beside: list[Callable[[], None]] = []
"""What waits for machines of others: after all that is due, and beside a server on a thread of its own."""


def tick() -> int:
    """Do everything that is due. One that fails is logged and does not keep the others; returns how many failed."""
    return _do(due)


def tick_beside() -> int:
    """Do what waits for machines of others; returns how many failed."""
    return _do(beside)


def _do(works: list[Callable[[], None]]) -> int:
    failed = 0
    for work in works:
        try:
            work()
        except Exception:
            failed += 1
            log.exception("%s.%s failed", work.__module__, work.__name__)
    return failed
