"""An encoder for tests: texts are alike that share words. Nothing is started."""

from collections.abc import Sequence
from hashlib import sha256
from time import sleep
from typing import TYPE_CHECKING, Any

from koinon.base.text import fold
from koinon.search.encoder.away import Away
from koinon.search.encoder.washing import Kind, wash

if TYPE_CHECKING:
    import numpy as np

WIDTH = 512


class Fake:
    """`takes` seconds for each call; `is_away` answers nobody; a text with `poison` in it is never answered."""

    def __init__(self, model: str = "fake-1") -> None:
        self.model = model
        self.embedded: list[str] = []
        self.is_away = False
        self.poison = ""
        self.takes = 0.0

    def embed(
        self, texts: Sequence[str], kind: Kind, within: float, *, background: bool = False
    ) -> "np.ndarray":
        import numpy as np

        if self.takes > within:
            sleep(within)
            raise Away("slow")
        sleep(self.takes)
        if self.is_away or any(self.poison and self.poison in text for text in texts):
            raise Away("away")
        self.embedded += texts
        rows = np.zeros((len(texts), WIDTH), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in fold(wash(text, kind)).split() or ["nothing"]:
                seed = int.from_bytes(sha256(word.encode()).digest()[:4], "big")
                row += np.random.default_rng(seed).standard_normal(WIDTH).astype(np.float32)
            row /= np.linalg.norm(row)
        return rows

    def look(self) -> None:
        """There is no process."""

    def state(self) -> dict[str, Any]:
        return {
            "kind": "fake",
            "model": self.model,
            "running": not self.is_away,
            "background": False,
            "deaths": 0,
            "why": "",
        }

    def stop(self) -> None:
        """There is nothing to end."""
