"""How much one ticket and one address may write: counted in memory, in each process."""

import os
from collections import OrderedDict
from math import ceil
from time import monotonic
from typing import Final

PER_VOICE: Final = (3.0, 40.0)
"""Writes a second with one ticket in the long run, and how many at once (an outbox that was offline)."""
PER_ADDRESS: Final = (float(os.environ.get("KOINON_LIVE_ADDRESS_RATE", "1000")), 3000.0)
"""The same for an address: a whole hall may stand behind one. New voices are limited where they are given out."""
MOST_KEPT: Final = 50_000


class Bucket:
    """Fills at `rate` a second up to `most`; each write takes one."""

    def __init__(self, rate: float, most: float) -> None:
        self.rate, self.most = rate, max(most, rate)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> int:
        """0 where one more is taken now; else after how many seconds it would be."""
        now = monotonic()
        left, at = self._left.get(key, (self.most, now))
        left = min(self.most, left + (now - at) * self.rate)
        if left < 1:
            return max(1, ceil((1 - left) / self.rate))
        self._left[key] = (left - 1, now)
        self._left.move_to_end(key)
        while len(self._left) > MOST_KEPT:
            self._left.popitem(last=False)
        return 0


class Limits:
    """Both limits of the doors."""

    def __init__(self) -> None:
        self._voices, self._addresses = Bucket(*PER_VOICE), Bucket(*PER_ADDRESS)

    def of_voice(self, voice: str) -> int:
        return self._voices.wait(voice)

    def of_address(self, address: str) -> int:
        """Addresses of IPv6 count by the network that one household or office gets (/64)."""
        return self._addresses.wait(":".join(address.split(":")[:4]) if ":" in address else address)
