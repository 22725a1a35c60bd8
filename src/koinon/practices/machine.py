"""Translation by a service that the operator has chosen. Off by default; only what is public ever goes there.

`KOINON_TRANSLATE` is `libretranslate`, `deepl` or `etranslation`; `KOINON_TRANSLATE_URL` its address;
`KOINON_TRANSLATE_KEY` what it asks for (eTranslation: `USER:PASSWORD`).
"""

import base64
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

SECONDS = 15
"""How long a service may take, all texts together."""
MOST_BYTES = 4 * 1024 * 1024
MOST_LETTERS = 60_000


class Away(Exception):
    """The service is not configured, does not answer, or answers what cannot be understood."""


@dataclass(frozen=True)
class Made:
    """What a machine made: field → text, and which machine."""

    texts: dict[str, str]
    service: str


@dataclass(frozen=True)
class Service:
    """The service in use: its name as readers are told it, its address, its key."""

    kind: str
    name: str
    url: str
    key: str


_NAMES = {"libretranslate": "LibreTranslate", "deepl": "DeepL", "etranslation": "eTranslation"}
_DEFAULTS = {"deepl": "https://api-free.deepl.com/v2/translate"}


def service() -> Service | None:
    """The service that the environment names; None where it names none that is known."""
    kind = os.environ.get("KOINON_TRANSLATE", "").strip().lower()
    url = os.environ.get("KOINON_TRANSLATE_URL", "").strip() or _DEFAULTS.get(kind, "")
    if kind not in _NAMES or urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        return None
    return Service(kind, _NAMES[kind], url, os.environ.get("KOINON_TRANSLATE_KEY", ""))


def is_on() -> bool:
    return service() is not None


def translate(texts: Mapping[str, str], source: str, target: str) -> Made:
    """All texts in the other language. Raises `Away`."""
    chosen = service()
    if chosen is None:
        raise Away("no service is configured")
    wanted = {name: text for name, text in texts.items() if text.strip()}
    if sum(map(len, wanted.values())) > MOST_LETTERS:
        raise Away("the text is too long for a machine at once")
    made = _ASK[chosen.kind](chosen, list(wanted.values()), source, target)
    if len(made) != len(wanted) or not all(isinstance(text, str) for text in made):
        raise Away("the answer does not fit what was asked")
    # The same limits as for what people type: nobody reads what a service may send beyond.
    kept = {
        name: _plain(text)[: 400 if "\n" not in wanted[name] and len(wanted[name]) <= 300 else 16_000]
        for name, text in zip(wanted, made, strict=True)
    }
    return Made(kept, chosen.name)


def _plain(text: str) -> str:
    from koinon.base.text import visible

    return "\n".join(visible(line.replace("\t", " ")) for line in text.replace("\r\n", "\n").split("\n"))


def _libretranslate(chosen: Service, texts: list[str], source: str, target: str) -> list[Any]:
    body = {"q": texts, "source": source, "target": target, "format": "text"}
    if chosen.key:
        body["api_key"] = chosen.key
    answer = _post(chosen.url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    found = answer.get("translatedText") if isinstance(answer, dict) else None
    return found if isinstance(found, list) else []


def _deepl(chosen: Service, texts: list[str], source: str, target: str) -> list[Any]:
    # DeepL tells British English and European Portuguese from others as targets.
    codes = {"en": "EN-GB", "pt": "PT-PT"}
    body = urlencode(
        [
            *(("text", text) for text in texts),
            ("source_lang", source.upper()),
            ("target_lang", codes.get(target, target.upper())),
        ]
    )
    headers = {
        "Authorization": f"DeepL-Auth-Key {chosen.key}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = _post(chosen.url, body.encode(), headers)
    rows = answer.get("translations") if isinstance(answer, dict) else None
    return [row.get("text") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _etranslation(chosen: Service, texts: list[str], source: str, target: str) -> list[Any]:
    """A gateway to eTranslation that answers at once (the service itself calls back later); each text on its own."""
    found: list[Any] = []
    until = time.monotonic() + SECONDS
    login = base64.b64encode(chosen.key.encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    for text in texts:
        if time.monotonic() > until:
            raise Away("the service takes too long")
        body = {
            "textToTranslate": text,
            "sourceLanguage": source.upper(),
            "targetLanguages": [target.upper()],
        }
        answer = _post(chosen.url, json.dumps(body).encode(), headers)
        found.append(answer.get("translatedText") if isinstance(answer, dict) else None)
    return found


_ASK: dict[str, Callable[[Service, list[str], str, str], list[Any]]] = {
    "libretranslate": _libretranslate,
    "deepl": _deepl,
    "etranslation": _etranslation,
}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The text goes to the address that was configured and nowhere else."""

    def redirect_request(self, *args: Any, **more: Any) -> None:
        return None


def _post(url: str, body: bytes, headers: dict[str, str]) -> Any:
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310  http(s) only
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS) as answer:
            raw = answer.read(MOST_BYTES + 1)
    except (OSError, urllib.error.URLError, ValueError) as trouble:
        raise Away(type(trouble).__name__) from trouble
    if len(raw) > MOST_BYTES:
        raise Away("the answer is too long")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as trouble:
        raise Away("the answer cannot be understood") from trouble
