"""Speaking to machines of others at addresses that somebody typed: only by https, only to the open internet, within bounds.

An address is checked when it is kept (`checked`) and again each time it is spoken to: the name is resolved once, every number
that it has must lie in the open internet, and the connection goes to that very number, while the certificate is held against the
name. Nothing is followed, no proxy is asked, and an answer is read within bounds of time and size.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from threading import Thread, Timer
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

PORTS = (443, 8443)
LONGEST = 500
RESOLVE_SECONDS = 3.0
CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 12.0
MOST_BYTES = 4096
_TRIES = 4
"""How many of its numbers are tried: of a server with both kinds in turn one of each, whichever its name names first."""

# What one of several numbers said, and the silence of another does not hide.
_TELLING = {"certificate", "tls"}

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PLAIN = re.compile(r"[\x21-\x7e]+")
# What is not the open internet though it looks like it, or leads into another kind of number. IANA's registries of special numbers.
_INSIDE = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        # Of the newer numbers only 2000::/3 is given to anybody; this is what of it is not the open internet.
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]
_GIVEN = ipaddress.ip_network("2000::/3")


# Where names are asked for; tests give names of their own.
ask_for_name: Callable[..., Any] = socket.getaddrinfo


class Refused(Exception):
    """This address is not spoken to. `why`: a short word for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Away(Exception):
    """Nobody answered as one should. `why`: a short word for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Target:
    """An address in its parts, as it was checked."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Answer:
    """What came back: its status, the beginning of its text, and how long it asks to wait."""

    status: int
    text: str
    retry_after: int | None = None


def target_of(address: str) -> Target:
    """The parts of an address that may be spoken to; asks nobody. Numbers are refused in every spelling: a server has a name."""
    if len(address) > LONGEST or not _PLAIN.fullmatch(address) or "\\" in address:
        raise Refused("malformed")
    try:
        parts = urlsplit(address)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise Refused("malformed") from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc or parts.fragment:
        raise Refused("malformed")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if settings.OUTWARD_LOOPBACK and host == "127.0.0.1" and parts.scheme == "http" and port is not None:
        return Target("http", host, port, path)
    if parts.scheme != "https":
        raise Refused("not_https")
    if ":" in host or "[" in parts.netloc or host.rpartition(".")[2].isdecimal() or host.startswith("0x"):
        raise Refused("number")
    labels = host.split(".")
    # What a browser reads as a number ends in one: 127.1, 0x7f.1, 2130706433.
    if re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        raise Refused("number")
    if len(labels) < 2 or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused("inside" if host == "localhost" or len(labels) < 2 else "malformed")
    if labels[-1] in {"localhost", "local", "internal", "lan", "home", "corp", "onion", "arpa"}:
        raise Refused("inside")
    if any(_is_ours(host, name.lower()) for name in settings.ALLOWED_HOSTS):
        raise Refused("ourselves")
    if (port or 443) not in PORTS:
        raise Refused("port")
    return Target("https", host, port or 443, path)


def _is_ours(host: str, allowed: str) -> bool:
    """Whether this site answers to a name, as Django reads its list: `.name.example` is that name and all under it."""
    return host == allowed.lstrip(".") or (allowed.startswith(".") and host.endswith(allowed))


def is_open(number: str) -> bool:
    """Whether a number lies in the open internet: not inside a network, not this machine, not one number wrapped in another."""
    try:
        found = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if found.version == 6 and found not in _GIVEN:
        # Loopback, link-local, unique local, mapped, compatible, NAT64, multicast: none of it begins with 2 or 3.
        return False
    if any(found in network for network in _INSIDE if network.version == found.version):
        return False
    return found.is_global and not found.is_multicast


def resolve(target: Target) -> list[tuple[int, Any]]:
    """What the name of a target stands for now: (family, socket address), each of it open. One that is not refuses them all."""
    if target.scheme == "http":
        return [(socket.AF_INET, (target.host, target.port))]
    found: list[Any] = []
    thread = Thread(target=_ask, args=(target, found), daemon=True, name="koinon-resolve")
    thread.start()
    thread.join(RESOLVE_SECONDS)
    if not found or found[0] is None:
        raise Refused("no_such_name")
    rows: list[tuple[int, Any]] = [(family, address) for family, _t, _p, _n, address in found[0]]
    if not rows:
        raise Refused("no_such_name")
    if not all(is_open(str(address[0])) for _family, address in rows):
        raise Refused("inside")
    return rows


def _ask(target: Target, found: list[Any]) -> None:
    try:
        found.append(ask_for_name(target.host, target.port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        found.append(None)


def checked(address: str) -> Target:
    """The target of an address that may be kept: its parts and what its name stands for today. Raises `Refused`."""
    target = target_of(address)
    resolve(target)
    return target


def post(address: str, body: bytes, headers: dict[str, str], *, seconds: float = WHOLE_SECONDS) -> Answer:
    """Hand a body over. Raises `Refused` where the address is not (or no longer) spoken to, `Away` where nobody answers."""
    from http.client import HTTPException

    until = monotonic() + seconds
    target = target_of(address)
    rows = resolve(target)
    held: list[socket.socket] = []
    # A server that sends a byte now and then would never run into the time of a single read.
    watch = Timer(max(0.1, until - monotonic()), _cut, args=(held,))
    watch.daemon = True
    watch.start()
    try:
        line = _connect(target, rows, held, until)
        # Whoever is reached may think for as long as is left, not only for as long as reaching it may take.
        line.settimeout(max(0.1, until - monotonic()))
        return _say(target, line, body, headers)
    except TimeoutError:
        raise Away("timeout") from None
    except (OSError, HTTPException, ValueError):
        raise Away("timeout" if monotonic() >= until else "broken") from None
    finally:
        watch.cancel()
        for line in held:
            line.close()


def in_turn(rows: Sequence[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """Which numbers are tried, and in which order: the kinds take turns, so that a machine that has a way for one of them finds it."""
    first = [row for row in rows if row[0] == rows[0][0]]
    other = [row for row in rows if row[0] != rows[0][0]]
    turns = [row for pair in zip_longest(first, other) for row in pair if row is not None]
    return turns[:_TRIES]


def _connect(
    target: Target, rows: list[tuple[int, Any]], held: list[socket.socket], until: float
) -> socket.socket:
    """A connection to one of the numbers that were checked; none is asked for again. `held`: what has to be closed."""
    import ssl

    trouble = "unreachable"
    tried = in_turn(rows)
    for at, (family, address) in enumerate(tried):
        # One that swallows everything leaves time for those after it.
        left = min(CONNECT_SECONDS, (until - monotonic()) / (len(tried) - at))
        if left <= 0:
            trouble = trouble if trouble in _TELLING else "timeout"
            break
        try:
            line = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            # This machine knows nothing of such numbers.
            continue
        held.append(line)
        line.settimeout(left)
        try:
            line.connect(address)
            if target.scheme == "http":
                return line
            if is_own(line):
                # Its open number, too, leads past what keeps others from the doors of this machine.
                raise Refused("ourselves")
            safe = ssl.create_default_context().wrap_socket(
                line, server_hostname=target.host, do_handshake_on_connect=False
            )
            held.append(safe)
            if monotonic() >= until:
                # The cut may have come between the two lines above, and found only the line that `safe` took over.
                raise TimeoutError
            safe.do_handshake()
            return safe
        except ssl.SSLCertVerificationError:
            trouble = "certificate"
        except ssl.SSLError:
            trouble = "tls"
        except TimeoutError:
            trouble = trouble if trouble in _TELLING else "timeout"
        except OSError:
            missed = "timeout" if monotonic() >= until else "unreachable"
            trouble = trouble if trouble in _TELLING else missed
    raise Away(trouble)


def is_own(line: socket.socket) -> bool:
    """Whether both ends of a connection are this very machine, by whichever of its numbers."""
    return bool(line.getsockname()[0] == line.getpeername()[0])


def _say(target: Target, line: socket.socket, body: bytes, headers: dict[str, str]) -> Answer:
    from http.client import HTTPConnection

    connection = HTTPConnection(target.host, target.port)
    connection.sock = line
    usual = (target.scheme, target.port) in {("https", 443), ("http", 80)}
    named = target.host if usual else f"{target.host}:{target.port}"
    connection.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
    for name, value in {
        "Host": named,
        "Connection": "close",
        "Content-Length": str(len(body)),
        **headers,
    }.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    with connection.getresponse() as answer:
        raw = answer.read(MOST_BYTES)
        asked = answer.headers.get("Retry-After", "")
        return Answer(
            answer.status,
            raw.decode("utf-8", "replace"),
            int(asked) if asked.isdecimal() and len(asked) < 8 else None,
        )


def _cut(held: list[socket.socket]) -> None:
    """End the connections under the hand of whoever reads from them."""
    for line in list(held):
        with suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_RDWR)
