"""For the tests of other folders: what was announced on a channel."""

import json
from typing import Any

from koinon.live.models import Change


def changes(channel: str, *, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """What was announced on a channel, in order: (about, data)."""
    return [(change.about, json.loads(change.data)) for change in Change.objects.of(channel, after=after)]
