"""Texts become vectors: `embed(texts, kind)`, or `Away` where no encoder answers in time.

Which encoder it is, the settings say (docs/decisions/meaning.md): the bundled one (`""`), none (`off`), a folder with an ONNX
model and its tokenizer, or the address of a server that speaks as OpenAI's embeddings do. Safe to call from any thread.
"""

from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol

from koinon.search.encoder.away import Away
from koinon.search.encoder.washing import MOST, Kind, wash

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "MOST",
    "Away",
    "Encoder",
    "Kind",
    "embed",
    "look",
    "model",
    "state",
    "stop",
    "use",
    "warm",
    "wash",
]

WITHIN: Final[dict[Kind, float]] = {"query": 1.0, "passage": 20.0}
"""Seconds within which an answer comes or `Away` is raised, where nobody says otherwise."""


class Encoder(Protocol):
    model: str
    """Names the encoder and its version: vectors of two models are never compared."""

    def embed(
        self, texts: Sequence[str], kind: Kind, within: float, *, background: bool = False
    ) -> "np.ndarray": ...

    def look(self) -> None: ...

    def state(self) -> dict[str, Any]: ...

    def stop(self) -> None: ...


_lock = Lock()
_ANY: Final = "\0"
_chosen: Encoder | None = None
_named = ""
"""The settings that chose it; `_ANY` where it was put in by hand."""
_why = ""


def embed(
    texts: Sequence[str], kind: Kind, *, within: float | None = None, background: bool = False
) -> "np.ndarray":
    """One row of length one for each text. Raises `Away` at the latest when the time is up.

    What is asked for in the background never makes somebody wait who is not.
    """
    if within is None:
        within = _seconds(kind)
    return _encoder().embed(texts, kind, within, background=background)


def model() -> str:
    """The name of the encoder in use. Raises `Away` where there is none."""
    return _encoder().model


def warm() -> None:
    """Start the encoder before the first who asks. Never fails."""
    with suppress(Away):
        embed(["ready"], "query", within=30.0)


def look() -> None:
    """Let go what has died, hangs, or has had nothing to do for long. Call it now and then; it never waits."""
    chosen = _chosen
    if chosen is not None:
        chosen.look()


def state() -> dict[str, Any]:
    """For the health page: whether there is an encoder, which, whether it runs, how often it died, and why it is away."""
    try:
        return {"there": True, **_encoder().state()}
    except Away as away:
        return {
            "there": False,
            "kind": "none",
            "model": "",
            "running": False,
            "background": False,
            "deaths": 0,
            "why": str(away),
        }


def use(encoder: Encoder | None) -> None:
    """Put an encoder in the place of the one that the settings name (tests do); None: ask the settings again."""
    global _chosen, _named, _why
    with _lock:
        before, _chosen, _why = _chosen, encoder, ""
        _named = _ANY if encoder is not None else ""
    if before is not None and before is not encoder:
        before.stop()


def stop() -> None:
    """With the server: end what was started."""
    use(None)


def _encoder() -> Encoder:
    global _chosen, _named, _why
    named = _setting()
    chosen = _chosen
    if chosen is not None and _named in (named, _ANY):
        return chosen
    with _lock:
        if _named not in (named, _ANY):
            if _chosen is not None:
                _chosen.stop()
            _chosen, _why = None, ""
        if _chosen is None:
            if _why:
                raise Away(_why)
            _named = named
            try:
                _chosen = _by_settings(named)
            except Away as away:
                _why = str(away)
                raise
        return _chosen


def _setting() -> str:
    from django.conf import settings

    return str(getattr(settings, "ENCODER", "")).strip()


def _by_settings(named: str) -> Encoder:
    from pathlib import Path

    from django.conf import settings

    if named == "off":
        raise Away("turned off")
    if named.startswith(("http://", "https://")):
        from koinon.search.encoder.address import AtAddress

        return AtAddress(
            named,
            model=str(getattr(settings, "ENCODER_MODEL", "")),
            key=str(getattr(settings, "ENCODER_KEY", "")),
            before={
                "query": str(getattr(settings, "ENCODER_BEFORE_QUERY", "")),
                "passage": str(getattr(settings, "ENCODER_BEFORE_PASSAGE", "")),
            },
        )
    from koinon.search.encoder import process

    return process.from_folder(Path(named)) if named else process.bundled()


def _seconds(kind: Kind) -> float:
    from django.conf import settings

    if kind == "query":
        return float(getattr(settings, "ENCODER_SECONDS", WITHIN["query"]))
    return WITHIN[kind]
