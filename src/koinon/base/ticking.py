"""What is due, minute by minute. A capability adds its function in `apps.py`; `koinon tick` and `koinon up` call them.

Each function may run in several processes at once and must claim what it does in the database.
"""

import logging
from collections.abc import Callable

log = logging.getLogger("koinon.tick")

due: list[Callable[[], None]] = []


def tick() -> int:
    """Do everything that is due. One that fails is logged and does not keep the others; returns how many failed."""
    failed = 0
    for work in due:
        try:
            work()
        except Exception:
            failed += 1
            log.exception("%s.%s failed", work.__module__, work.__name__)
    return failed
