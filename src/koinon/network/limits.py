"""How much one address may write without an account. Kept in the memory of this process, for a minute, and nowhere else."""

import time
from collections import OrderedDict, deque
from threading import Lock

PASS = 60
WITHIN = 60.0
_MOST_ADDRESSES = 10_000


class Limiter:
    """Lets `most` through within `seconds` for one address; says how long to wait otherwise."""

    def __init__(self, most: int = PASS, seconds: float = WITHIN) -> None:
        self.most, self.seconds = most, seconds
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str) -> int:
        """0: it may pass, and was counted. Else the seconds until it may."""
        now = time.monotonic()
        with self._lock:
            times = self._seen.setdefault(address, deque())
            self._seen.move_to_end(address)
            while len(self._seen) > _MOST_ADDRESSES:
                self._seen.popitem(last=False)
            while times and times[0] <= now - self.seconds:
                times.popleft()
            if len(times) < self.most:
                times.append(now)
                return 0
            return max(1, int(times[0] + self.seconds - now) + 1)

    def forget(self) -> None:
        with self._lock:
            self._seen.clear()


anonymous_writes = Limiter()
