"""Speaking outward: only to the open internet, to the very number that was checked, within bounds."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings

from koinon.base import outward
from koinon.base.outward import Away, Refused


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names stand for; nothing is asked of anybody. Each question is remembered under `asked`."""
    known: dict[str, list[str]] = {"asked": []}

    def ask(host: str, port: int, **_more: Any) -> list[Any]:
        known["asked"].append(host)
        if host not in known:
            raise socket.gaierror
        rows = []
        for number in known[host]:
            family = socket.AF_INET6 if ":" in number else socket.AF_INET
            rows.append((family, socket.SOCK_STREAM, 6, "", (number, port)))
        return rows

    monkeypatch.setattr(outward, "ask_for_name", ask)
    return known


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://127.0.0.1/", "number"),
        ("https://127.1/", "number"),
        ("https://2130706433/", "number"),
        ("https://017700000001/", "number"),
        ("https://0177.0.0.1/", "number"),
        ("https://0x7f000001/", "number"),
        ("https://0x7f.0.0.1/", "number"),
        ("https://127.0.0.0x1/", "number"),
        ("https://127.0.0.1./", "number"),
        ("https://%31%32%37.0.0.1/", "number"),
        ("https://8.8.8.8/", "number"),
        ("https://[::1]/", "number"),
        ("https://[::ffff:127.0.0.1]/", "number"),
        ("https://[::ffff:7f00:1]/", "number"),
        ("https://[64:ff9b::7f00:1]/", "number"),
        ("https://[fe80::1%25eth0]/", "number"),
        ("https://[::1/", "malformed"),
        ("https://①②⑦.0.0.1/", "malformed"),
        ("https://127。0。0。1/", "malformed"),
        ("https://localhost/", "inside"),
        ("https://LOCALHOST/", "inside"),
        ("https://intranet/", "inside"),
        ("https://printer.local/", "inside"),
        ("https://metadata.google.internal/", "inside"),
        ("https://1.0.0.127.in-addr.arpa/", "inside"),
        ("http://hooks.example/", "not_https"),
        ("ftp://hooks.example/", "not_https"),
        ("file:///etc/passwd", "not_https"),
        ("gopher://hooks.example/", "not_https"),
        ("http://127.0.0.1:8000/", "not_https"),
        ("https://hooks.example:22/", "port"),
        ("https://hooks.example:80/", "port"),
        ("https://hooks.example:99999/", "malformed"),
        ("https://a@hooks.example/", "malformed"),
        ("https://hooks.example@127.0.0.1/", "malformed"),
        ("https://hooks.example\\@127.0.0.1/", "malformed"),
        ("https://hooks.example/#@127.0.0.1", "malformed"),
        ("https://hooks.example/a b", "malformed"),
        ("https://hooks.example/\r\nHost: x", "malformed"),
        ("https://hooks..example/", "malformed"),
        ("https://-hooks.example/", "malformed"),
        ("https:///in", "inside"),
        ("https://testserver.example/" + "a" * 500, "malformed"),
        ("", "malformed"),
    ],
)
def test_what_is_no_name_in_the_open_internet_is_refused_unasked(
    names: dict[str, list[str]], address: str, why: str
) -> None:
    with pytest.raises(Refused) as refused:
        outward.checked(address)

    assert refused.value.why == why
    assert names["asked"] == []


INSIDE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not a number",
]


@pytest.mark.parametrize("number", INSIDE)
def test_a_name_that_leads_inside_is_refused(names: dict[str, list[str]], number: str) -> None:
    names["hooks.example"] = [number]

    with pytest.raises(Refused) as refused:
        outward.checked("https://hooks.example/in")

    assert refused.value.why == "inside"


def test_one_number_inside_refuses_the_name_that_has_open_ones_too(names: dict[str, list[str]]) -> None:
    names["hooks.example"] = ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(Refused):
        outward.checked("https://hooks.example/in")


@pytest.mark.parametrize("number", ["93.184.216.34", "1.1.1.1", "2606:2800:220:1::1", "2a00:1450:4001::1"])
def test_the_open_internet_is_spoken_to(names: dict[str, list[str]], number: str) -> None:
    names["hooks.example"] = [number]

    found = outward.checked("https://Hooks.Example./in?a=1")

    assert (found.host, found.port, found.path) == ("hooks.example", 443, "/in?a=1")
    assert outward.checked("https://hooks.example:8443").path == "/"


def test_a_name_that_nobody_knows_is_refused(names: dict[str, list[str]]) -> None:
    with pytest.raises(Refused) as refused:
        outward.checked("https://nobody.example/")

    assert refused.value.why == "no_such_name"


def test_every_number_of_both_kinds_has_to_be_open(names: dict[str, list[str]]) -> None:
    names["hooks.example"] = ["2606:2800:220:1::1", "93.184.216.34"]
    assert outward.checked("https://hooks.example/in").host == "hooks.example"

    for pair in (
        ["2606:2800:220:1::1", "169.254.169.254"],
        ["fd00::1", "93.184.216.34"],
        ["93.184.216.34", "64:ff9b::a9fe:a9fe"],
        ["93.184.216.34", "::ffff:127.0.0.1"],
    ):
        names["hooks.example"] = pair
        with pytest.raises(Refused) as refused:
            outward.checked("https://hooks.example/in")
        assert refused.value.why == "inside"


def test_both_kinds_of_numbers_are_tried_in_turn() -> None:
    six = [(socket.AF_INET6, (f"2606:2800:220:1::{at}", 443, 0, 0)) for at in range(1, 5)]
    four = [(socket.AF_INET, (f"93.184.216.{at}", 443)) for at in (34, 35)]

    assert outward.in_turn([*six, *four]) == [six[0], four[0], six[1], four[1]]
    assert outward.in_turn([*four, *six]) == [four[0], six[0], four[1], six[1]]
    assert outward.in_turn(six) == six
    assert outward.in_turn(four) == four


def test_where_the_first_kind_leads_nowhere_the_other_is_spoken_to(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with saying(b"no TLS at all") as (port, heard):
        monkeypatch.setattr(outward, "PORTS", (port,))
        monkeypatch.setattr(outward, "is_open", lambda _number: True)
        monkeypatch.setattr(outward, "is_own", lambda _line: False)
        # Nobody listens there, or this machine knows nothing of such numbers.
        names["hooks.example"] = ["::1"] * 5 + ["127.0.0.1"]

        with pytest.raises(Away) as away:
            outward.post(f"https://hooks.example:{port}/in", b"{}", {})

    assert away.value.why == "tls"
    assert b"hooks.example" in heard[0]


def test_a_server_with_the_newer_numbers_alone_is_spoken_to_and_guarded(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken_to: list[tuple[int, str]] = []

    class Six(socket.socket):
        """A line of the newer kind that leads to this machine, whether or not it has such numbers itself."""

        def __init__(self, family: int, kind: int) -> None:
            self.wanted = family
            super().__init__(socket.AF_INET, kind)

        def connect(self, address: Any) -> None:
            spoken_to.append((self.wanted, address[0]))
            super().connect(("127.0.0.1", address[1]))

    with saying(b"no TLS at all") as (port, heard):
        address = f"https://hooks.example:{port}/in"
        monkeypatch.setattr(outward, "PORTS", (port,))
        monkeypatch.setattr(outward, "socket", SimpleNamespace(**{**vars(socket), "socket": Six}))
        for number, why in (("::1", "inside"), ("2606:2800:220:1::1", "ourselves")):
            names["hooks.example"] = [number]
            with pytest.raises(Refused) as refused:
                outward.post(address, b"{}", {})
            assert refused.value.why == why
        monkeypatch.setattr(outward, "is_own", lambda _line: False)

        with pytest.raises(Away) as away:
            outward.post(address, b"{}", {})

    assert away.value.why == "tls"
    assert spoken_to == [(socket.AF_INET6, "2606:2800:220:1::1")] * 2
    assert b"hooks.example" in heard[-1]


def test_this_site_itself_is_refused(names: dict[str, list[str]], settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["koinon.example"]

    with pytest.raises(Refused) as refused:
        outward.checked("https://koinon.example/news/")

    assert refused.value.why == "ourselves"
    settings.ALLOWED_HOSTS = [".koinon.example"]
    for host in ("koinon.example", "other.koinon.example"):
        with pytest.raises(Refused) as refused:
            outward.checked(f"https://{host}/news/")
        assert refused.value.why == "ourselves"
    names["notkoinon.example"] = ["93.184.216.34"]
    assert outward.checked("https://notkoinon.example/").port == 443


def test_loopback_is_no_default(settings: LazySettings) -> None:
    assert settings.OUTWARD_LOOPBACK is False

    settings.OUTWARD_LOOPBACK = True

    assert outward.checked("http://127.0.0.1:8000/in").port == 8000
    for address in ("http://127.0.0.2:8000/in", "http://[::1]:8000/", "http://localhost:8000/"):
        with pytest.raises(Refused):
            outward.checked(address)


@contextmanager
def saying(answer: bytes, *, slowly: bool = False, after: float = 0.0) -> Iterator[tuple[int, list[bytes]]]:
    """A server that says one thing to whoever comes, `after` so many seconds; a byte at a time where `slowly`."""
    server = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                line, _where = server.accept()
            except OSError:
                return
            with line:
                heard.append(line.recv(65536))
                try:
                    if slowly:
                        while not over.wait(0.05):
                            line.sendall(answer[:1])
                    else:
                        over.wait(after)
                        line.sendall(answer)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1], heard
    finally:
        over.set()
        # Who waits for the next one to come is woken; to close it alone would not.
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def test_an_answer_elsewhere_is_not_followed(settings: LazySettings) -> None:
    settings.OUTWARD_LOOPBACK = True
    with saying(b"") as (other, heard):
        elsewhere = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n"
        with saying(elsewhere.encode()) as (port, _heard):
            answer = outward.post(f"http://127.0.0.1:{port}/in", b"{}", {})

        assert answer.status == 302
        assert heard == []


def test_an_answer_is_read_within_bounds(settings: LazySettings) -> None:
    settings.OUTWARD_LOOPBACK = True
    with saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 200_000) as (port, _heard):
        answer = outward.post(f"http://127.0.0.1:{port}/in", b"{}", {})

    assert len(answer.text) == outward.MOST_BYTES


def test_who_sends_a_byte_now_and_then_is_cut_off(settings: LazySettings) -> None:
    settings.OUTWARD_LOOPBACK = True
    with saying(b"H", slowly=True) as (port, _heard), pytest.raises(Away) as away:
        outward.post(f"http://127.0.0.1:{port}/in", b"{}", {}, seconds=0.4)

    assert away.value.why == "timeout"


def test_who_is_reached_at_once_may_take_its_time_to_answer(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTWARD_LOOPBACK = True
    monkeypatch.setattr(outward, "CONNECT_SECONDS", 0.2)
    with saying(b"HTTP/1.1 204 No Content\r\n\r\n", after=0.6) as (port, _heard):
        answer = outward.post(f"http://127.0.0.1:{port}/in", b"{}", {}, seconds=5)

    assert answer.status == 204


def test_nonsense_is_no_answer(settings: LazySettings) -> None:
    settings.OUTWARD_LOOPBACK = True
    with saying(b"nonsense\r\n\r\n") as (port, _heard), pytest.raises(Away) as away:
        outward.post(f"http://127.0.0.1:{port}/in", b"{}", {})

    assert away.value.why == "broken"


def test_a_name_is_asked_for_once_and_its_number_is_spoken_to(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with saying(b"no TLS at all") as (port, heard):
        monkeypatch.setattr(outward, "PORTS", (port,))
        monkeypatch.setattr(outward, "is_open", lambda _number: True)
        monkeypatch.setattr(outward, "is_own", lambda _line: False)
        names["hooks.example"] = ["127.0.0.1"]

        with pytest.raises(Away) as away:
            outward.post(f"https://hooks.example:{port}/in", b"{}", {})

    assert away.value.why == "tls"
    assert names["asked"] == ["hooks.example"]
    # The name is said in the greeting, so that its certificate is the one that is held against it.
    assert b"hooks.example" in heard[0]


def test_a_number_of_this_machine_is_not_spoken_to_though_it_is_open(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with saying(b"never said") as (port, heard):
        monkeypatch.setattr(outward, "PORTS", (port,))
        monkeypatch.setattr(outward, "is_open", lambda _number: True)
        names["hooks.example"] = ["127.0.0.1"]

        with pytest.raises(Refused) as refused:
            outward.post(f"https://hooks.example:{port}/in", b"{}", {})

    assert refused.value.why == "ourselves"
    assert heard in ([], [b""])


def test_a_certificate_of_nobody_is_refused(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    context = _own_certificate(tmp_path, "hooks.example")
    server = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        line, _where = server.accept()
        try:
            with context.wrap_socket(line, server_side=True) as safe:
                heard.append(safe.recv(100))
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port = server.getsockname()[1]
    monkeypatch.setattr(outward, "PORTS", (port,))
    monkeypatch.setattr(outward, "is_open", lambda _number: True)
    monkeypatch.setattr(outward, "is_own", lambda _line: False)
    names["hooks.example"] = ["127.0.0.1"]

    with pytest.raises(Away) as away:
        outward.post(f"https://hooks.example:{port}/in", b"secret words", {})
    thread.join(5)
    server.close()

    assert away.value.why == "certificate"
    assert heard in ([], [b""])


def _own_certificate(folder: Any, name: str) -> Any:
    import ssl
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "own.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
