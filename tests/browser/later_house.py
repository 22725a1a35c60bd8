"""Koinon some days later, on the data of a house that was ended: what ends by itself has ended.

`python -m tests.browser.later_house 4 up` serves as `koinon up` will in four days; so with each command.
"""

import sys
from datetime import timedelta

from django.utils import timezone


def put_forward(days: int) -> None:
    """From now on it is so many days later for all that asks Django for the time."""
    now = timezone.now
    timezone.now = lambda: now() + timedelta(days=days)


if __name__ == "__main__":
    put_forward(int(sys.argv[1]))
    from koinon.cli import main

    main(sys.argv[2:])
