"""An encoder behind an address that speaks as OpenAI's embeddings do, on the operator's own network."""

import json
from collections.abc import Sequence
from threading import BoundedSemaphore
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from koinon.search.encoder.away import Away
from koinon.search.encoder.washing import Kind, wash

if TYPE_CHECKING:
    import numpy as np

MOST_BYTES: Final = 32 * 1024 * 1024
PAUSE: Final = 5.0
"""Seconds after a failure in which nobody asks again."""
AT_ONCE: Final = 4
MOST_TEXTS: Final = 32


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *words: Any, **more: Any) -> None:
        """What is asked goes to the address that the operator named, and nowhere else."""
        return


class AtAddress:
    """`POST ADDRESS/embeddings` with a model's name. Texts go to this address and nowhere else: no proxy, no redirect."""

    def __init__(
        self, address: str, *, model: str = "", key: str = "", before: dict[Kind, str] | None = None
    ) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Away("the address is not one of http:// or https://")
        self._address = address.rstrip("/") + "/embeddings"
        self._name = model
        self._key = key
        self._before: dict[Kind, str] = before or {}
        self._open = build_opener(_NoRedirects, ProxyHandler({})).open
        self._turns = BoundedSemaphore(AT_ONCE)
        self._not_before = 0.0
        self._failures = 0
        self._why = ""
        self.model = f"{parts.hostname}-{model}"[:120]

    def embed(
        self, texts: Sequence[str], kind: Kind, within: float, *, background: bool = False
    ) -> "np.ndarray":
        import numpy as np

        until = monotonic() + within
        if monotonic() < self._not_before:
            raise Away(self._why)
        if not self._turns.acquire(timeout=within):
            raise Away("busy")
        try:
            washed = [self._before.get(kind, "") + wash(text, kind) for text in texts]
            rows: list[list[float]] = []
            for at in range(0, len(washed), MOST_TEXTS):
                rows += self._ask(washed[at : at + MOST_TEXTS], until)
            made = np.array(rows, np.float32)
            if made.ndim != 2 or not np.isfinite(made).all():
                raise ValueError
        except (OSError, URLError, ValueError, KeyError, TypeError) as trouble:
            self._failures += 1
            self._why = f"{type(trouble).__name__} at the encoder's address"
            self._not_before = monotonic() + PAUSE
            raise Away(self._why) from None
        finally:
            self._turns.release()
        self._why = ""
        norms = np.linalg.norm(made, axis=1, keepdims=True)
        return np.asarray(made / np.maximum(norms, 1e-9), np.float32)

    def _ask(self, texts: list[str], until: float) -> list[list[float]]:
        body = json.dumps({"model": self._name, "input": texts, "encoding_format": "float"}).encode()
        request = Request(self._address, body, {"Content-Type": "application/json"})  # noqa: S310  http or https, see above
        if self._key:
            request.add_header("Authorization", f"Bearer {self._key}")
        left = until - monotonic()
        if left <= 0:
            raise TimeoutError
        with self._open(request, timeout=left) as answer:
            parts = bytearray()
            while part := answer.read1(1 << 16):
                parts += part
                if monotonic() > until or len(parts) > MOST_BYTES:
                    raise TimeoutError
        found = sorted(json.loads(bytes(parts))["data"], key=lambda row: int(row["index"]))
        if len(found) != len(texts):
            raise ValueError
        return [row["embedding"] for row in found]

    def look(self) -> None:
        """There is no process to look after."""

    def state(self) -> dict[str, Any]:
        return {
            "kind": "address",
            "model": self.model,
            "running": monotonic() >= self._not_before,
            "background": False,
            "deaths": self._failures,
            "why": self._why,
        }

    def stop(self) -> None:
        """There is nothing to end."""
