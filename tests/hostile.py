"""What is thrown at the house to see whether it breaks, and what must hold of whatever it answers."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from django.core.cache import cache
from django.http import HttpResponse
from django.http.request import QueryDict
from django.test import Client

from koinon.network.limits import anonymous_writes
from tests.matrix.probing import LOGIN, undone

CANARY = "<kx onx=1>"
"""An element that no template of ours holds: where it stands raw in a page, something was not escaped."""

EVIL = "evil.example"
PATIENCE = 5.0
"""Seconds for one answer. Two are promised; machines that run tests are slower than those that serve."""

LONG = "x" * 10_000
FORM = "application/x-www-form-urlencoded"

TEXTS = {
    "nothing": "",
    "long": LONG,
    "long in letters that grow": "\ufdfa" * 2_000,
    "accents without end": "e" + "\u0301" * 5_000,
    "NUL": "a\x00b",
    "control characters": "a\x01\x08\x1b[31m\x7f\x85b",
    "a line that would be a header": f"a\r\nX-Evil: 1\r\n\r\n{CANARY}",
    "right to left": "\u202eabc\u2066\u2069",
    "zero width": "a\u200b\u2060\ufeffb",
    "no characters": "\uffff\ufdd0\U0010ffff",
    "beyond the first plane": "👩‍🔬𝔹𐍈",
    "SQL": "' OR 1=1; DROP TABLE places_place; --",
    "SQL wild": "%_%\\%",
    "full text": 'a" OR b* NEAR(c, 1) AND ^',
    "an element": CANARY,
    "out of an attribute": f"\"'>{CANARY}",
    "out of a script": f"</script><script>alert(1)</script>{CANARY}",
    "a template": "{{ 7|add:7 }}{% debug %}{{ request }}",
    "a format": "%(name)s %s {0.__class__} ${jndi:x}",
    "a formula": "=cmd|' /C calc'!A0",
    "up": "../../../../etc/passwd",
    "another host": f"//{EVIL}/",
    "another host in backslashes": f"\\\\{EVIL}\\",
    "another host behind both": f"/\\{EVIL}",
    "another host behind a tab": f"/\t/{EVIL}",
    "another host whole": f"https://{EVIL}/",
    "another host without slashes": f"https:{EVIL}",
    "script as an address": "javascript:alert(1)",
    "minus": "-1",
    "naught": "0",
    "huge": "9" * 40,
    "more digits than Python reads": "1" * 5_000,
    "a fraction": "1.5",
    "an exponent": "1e3",
    "digits of another script": "٣",
    "a digit above": "²",
    "an underscore": "1_000",
    "no number": "nan",
    "no end": "-inf",
    "beyond floats": "1e400",
    "no degree": "200",
    "no day": "2022-02-30",
    "day naught": "0000-00-00",
    "first of all days": "0001-01-01",
    "last of all days": "9999-12-31",
    "a week": "2022-W05",
    "a day in words": "yesterday",
    "a day of another script": "٢٠٢٢-٠١-٠١",
    "no language": "xx",
    "half a language": "de-AT",
    "no format": "exe",
    "JSON": '{"a": [null, true]}',
}
RAW = {name: quote(text, safe="") for name, text in TEXTS.items()} | {
    "a lone surrogate": "%ED%A0%80",
    "no UTF-8": "%FF%FE%C0%AF",
    "half a character": "a%E2%82",
    "percent": "%",
    "percent of nothing": "%zz",
    "encoded twice": "%2500%252e%252e%252f",
    "semicolons": "a;b;c",
    "open bracket": "a[",
}
"""Each as it stands in an address or in the body of a form."""

JSON_VALUES = {name: json.dumps(text) for name, text in TEXTS.items()} | {
    "a lone surrogate": '"\\ud800"',
    "half a pair": '"a\\udc00b"',
    "null": "null",
    "true": "true",
    "a list": '["a"]',
    "an object": '{"a": "b"}',
    "a number": "1e400",
    "no number": "NaN",
    "no end": "-Infinity",
    "as many digits as fit": "1" * 5_000,
    "deep": "[" * 500 + "]" * 500,
}

PROBLEM = {"type", "title", "status", "detail"}
REFUSALS = {400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 422, 429, 431}
MARKUP = ("text/html", "image/svg+xml", "application/atom+xml", "application/xhtml+xml", "text/xml")
OURS = '<header class="masthead'


def is_for_programs(address: str) -> bool:
    return address.startswith(("/api/", "/health/"))


def leads_away(location: str, base: str = "http://testserver/") -> bool:
    """Whether a browser would leave our host: it drops tabs and line ends, and takes a backslash for a slash."""
    seen = re.sub(r"[\t\r\n]", "", location).strip("".join(map(chr, range(33)))).replace("\\", "/")
    try:
        there = urlsplit(urljoin(base, seen))
    except ValueError:
        return True
    return there.scheme not in {"http", "https"} or there.netloc != urlsplit(base).netloc


def faults(answer: Any, method: str, address: str) -> list[str]:
    """Everything that is wrong with an answer to something hostile; empty where all holds."""
    found = []
    status = answer.status_code
    body = "" if answer.streaming else answer.content.decode("utf-8", "replace")
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if status >= 500:
        found.append("broke")
    elif status >= 400 and status not in REFUSALS:
        found.append("an odd status")
    if method == "HEAD" and body:
        found.append("HEAD with a body")
    if status >= 400 and method != "HEAD":
        found += _wrong_refusal(answer, kind, body, address)
    if status == 405 and not answer.headers.get("Allow"):
        found.append("405 without Allow")
    if status == 429 and not answer.headers.get("Retry-After"):
        found.append("429 without Retry-After")
    if kind in MARKUP and CANARY in body:
        found.append("what was sent stands there unescaped")
    if "Traceback (most recent call last)" in body or "Exception Value" in body:
        found.append("shows its inside")
    for name, value in answer.headers.items():
        if "evil" in name.lower() or re.search(r"[\r\n\x00]", name + value):
            found.append(f"a header was put in: {name}")
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        found.append("a browser may guess what it is")
    if "Location" in answer.headers and leads_away(answer.headers["Location"]):
        found.append(f"leads to {answer.headers['Location'][:80]}")
    return found


def _wrong_refusal(answer: Any, kind: str, body: str, address: str) -> list[str]:
    if not is_for_programs(address):
        return [] if kind == "text/html" and OURS in body else [f"a bare refusal: {kind} {body[:60]!r}"]
    if kind != "application/problem+json":
        return [f"no problem document: {kind} {body[:60]!r}"]
    said = json.loads(body)
    if not set(said) >= PROBLEM or said["status"] != answer.status_code or not said["detail"]:
        return [f"a problem that does not say which: {body[:100]}"]
    return []


def ask(client: Client, method: str, address: str, body: str = "", kind: str = FORM, **more: Any) -> Any:
    """A request with an address as it is: the test client would take `//a[` for a host."""
    path, _, query = address.partition("?")
    where = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query}
    return client.generic(method, "/", body, kind, headers=more or None, **where)  # type: ignore[arg-type]


@dataclass
class Throwing:
    """Sends what is hostile, undoes whatever it did, and keeps what was wrong, with the slowest answer."""

    wrong: list[str] = field(default_factory=list)
    sent: int = 0
    slowest: tuple[float, str] = (0.0, "")
    statuses: dict[int, int] = field(default_factory=dict)

    def throw(
        self, client: Client, method: str, address: str, body: str = "", kind: str = "", **more: Any
    ) -> HttpResponse:
        """One request, judged. `more`: headers."""
        cache.clear()
        anonymous_writes.forget()
        begun = time.perf_counter()
        with undone():
            answer: Any = ask(client, method, address, body, kind or FORM, **more)
        took = time.perf_counter() - begun
        name = f"{method} {address[:100]} {body[:80]} {more or ''}".strip()
        self.sent += 1
        self.slowest = max(self.slowest, (took, name))
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        problems = faults(answer, method, address)
        if took > PATIENCE:
            problems.append(f"took {took:.1f} s")
        self.wrong += [f"{answer.status_code} {problem}: {name}" for problem in problems]
        return answer  # type: ignore[no-any-return]

    def told(self) -> str:
        """For the message of a failed test: the first of what was wrong."""
        return f"{len(self.wrong)} of {self.sent} answers:\n" + "\n".join(self.wrong[:40])


def came_through(answer: HttpResponse) -> bool:
    """Whether the view itself answered, and not one of its guards."""
    to_login = answer.headers.get("Location", "").startswith(f"{LOGIN}?next=")
    return answer.status_code not in {401, 403, 404, 405} and not to_login


@contextmanager
def fields_read() -> Iterator[set[str]]:
    """The names that a view asks of a query or a form while this lasts: what it knows, read off what it does."""
    names: set[str] = set()
    reading = ("__getitem__", "get", "getlist", "__contains__", "appendlist")
    inherited = {name: getattr(QueryDict, name) for name in reading}

    def noting(name: str) -> Any:
        def read(self: QueryDict, key: Any, *more: Any, **other: Any) -> Any:
            names.add(str(key))
            return inherited[name](self, key, *more, **other)

        return read

    def parsing(self: QueryDict, key: str, *more: Any) -> None:
        known = key in names
        inherited["appendlist"](self, key, *more)
        if not known:
            names.discard(key)

    own = {name: QueryDict.__dict__.get(name) for name in reading}
    for name in reading:
        setattr(QueryDict, name, parsing if name == "appendlist" else noting(name))
    try:
        yield names
    finally:
        for name, before in own.items():
            if before is None:
                delattr(QueryDict, name)
            else:
                setattr(QueryDict, name, before)
