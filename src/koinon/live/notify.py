"""Waking the hubs: the one of this process by a call, those of other processes through PostgreSQL's NOTIFY."""

import logging
from collections.abc import Callable

log = logging.getLogger("koinon.live")

wake: list[Callable[[str, bool], None]] = []
"""What is called with a channel's name after a commit that changed it, from any thread (the hub of this process)."""


def tell(channel: str, *, at_once: bool) -> None:
    """After a commit: changes of this channel wait to go out. Never fails."""
    for call in wake:
        call(channel, at_once)
