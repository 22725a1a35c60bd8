"""Any bytes give a letter or a refusal in plain words, quickly; nothing is executed or unpacked."""

import base64
import contextlib
import io
import os
import time
import zipfile
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from koinon.mail import letters
from koinon.mail.letters import Dropped, Letter, Refused
from koinon.mail.testing import MAIL_IN, make_raw


@pytest.fixture(autouse=True)
def _taking_mail(settings: Any) -> None:
    settings.MAIL_IN = MAIL_IN


def letter(raw: bytes, **more: Any) -> Letter:
    read = letters.read(raw, **more)
    assert isinstance(read, Letter)
    return read


def parts(*inner: str, kind: str = "mixed") -> bytes:
    body = "".join(f"--b\n{part}\n" for part in inner) + "--b--\n"
    return make_raw(body, head=f'Content-Type: multipart/{kind}; boundary="b"\n')


def test_a_plain_letter() -> None:
    read = letter(make_raw("Hello\n\n> quoted\n", head="Content-Language: it-IT\n"))

    assert read.fingerprint == letter(make_raw("other words")).fingerprint
    assert read == Letter(
        token="abcdefgh12",
        sender="ana@example.eu",
        subject="Re: your question",
        text="Hello",
        whole="Hello\n\n> quoted",
        language="it",
        message_id="<1@example.eu>",
        fingerprint=read.fingerprint,
        attachments=(),
        auto=False,
    )


def test_the_plain_version_is_read_and_files_of_the_other_stay() -> None:
    pdf = "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n" + "JVBERg=="
    read = letter(
        parts(
            "Content-Type: text/plain\n\nPlain",
            f'Content-Type: multipart/mixed; boundary="c"\n\n--c\nContent-Type: text/html\n\n<p>Rich\n--c\n{pdf}\n--c--',
            kind="alternative",
        )
    )

    assert read.text == "Plain"
    assert [(one.name, one.kind, one.content) for one in read.attachments] == [
        ("a.pdf", "application/pdf", b"%PDF")
    ]


def test_only_html_is_reduced_to_words() -> None:
    assert letter(parts("Content-Type: text/html\n\n<p>Ciao <script>x</script></p>")).text == "Ciao"


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        ("Content-Type: text/plain; charset=iso-8859-1\n", b"caf\xe9", "café"),
        ("Content-Type: text/plain; charset=utf-8\n", b"caf\xe9", "café"),
        ("Content-Type: text/plain; charset=nonsense\n", "café".encode(), "café"),
        ("Content-Type: text/plain; charset=zlib\n", b"x\x9c", "xœ"),
        ("Content-Transfer-Encoding: quoted-printable\n", b"caf=C3=A9", "café"),
        ("Content-Transfer-Encoding: base64\n", b"Y2Fmw6k", "café"),
        ("", "a\x00b\u202ec".encode(), "abc"),
    ],
)
def test_charsets_and_encodings(head: str, body: bytes, text: str) -> None:
    assert letter(make_raw(body, head=head)).text == text


def test_the_subject_is_decoded_and_shows_nothing_hidden() -> None:
    raw = make_raw().replace(b"Re: your question", b"=?utf-8?q?caf=C3=A9_=E2=80=AEx?=")

    assert letter(raw).subject == "café x"


def test_a_bomb_stays_packed() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros", b"\0" * 50_000_000)
    sent = base64.encodebytes(packed.getvalue()).decode()

    read = letter(
        parts(
            "Content-Type: text/plain\n\nSee",
            'Content-Type: application/zip\nContent-Disposition: attachment; filename="../../etc/bomb.zip"\n'
            f"Content-Transfer-Encoding: base64\n\n{sent}",
        )
    )

    assert [(one.name, one.content) for one in read.attachments] == [("bomb.zip", packed.getvalue())]


def nested(depth: int) -> bytes:
    heads = "".join(
        f"Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n" for number in range(depth)
    )
    return make_raw().partition(b"\n\n")[0] + b"\n" + heads.encode() + b"\nhello"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"\x00" * 1000, "no header|one sender"),
        (make_raw(b"a" * 10_000_000), "larger than 2 MB"),
        (make_raw(b"\x00" * 1000), "no text"),
        (make_raw("x" * 150_000), "longer than 100,000"),
        (make_raw("", head="Content-Type: text/html\n") + b"<p>" * 300_000, "HTML"),
        (nested(100), "nested"),
        (nested(30_000), "nested"),
        (make_raw(head=f"X-Long: {'a' * 1_000_000}\n"), "too long"),
        (make_raw(head=f"X-Long: {'a' * 20_000}\n"), "too long"),
        (make_raw(head="X-Many: a\n" * 1_000), "too many header lines"),
        (parts(*["\nx"] * 51), "too many parts"),
        (parts(*["Content-Type: image/png\n\nx"] * 21), "files"),
        (make_raw(head="Content-Type: multipart/mixed\n"), "told apart"),
        (make_raw(head="From: Bo <bo@example.eu>\n"), "one sender"),
        (make_raw(sender="a@x.eu, b@x.eu"), "one sender"),
        (make_raw(sender="Ana"), "sender"),
        (make_raw(sender="((((" * 400), "sender|damaged"),
    ],
)
def test_what_is_hostile_is_refused_in_plain_words(raw: bytes, words: str) -> None:
    started = time.monotonic()

    with pytest.raises(Refused, match=words) as refused:
        letters.read(raw)

    assert refused.value.code == os.EX_DATAERR
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "to",
    [
        "reply@koinon.example",
        "reply+x@koinon.example",
        "reply+abcdefgh12@other.example",
        "Ana <ana@koinon.example>",
    ],
)
def test_an_address_that_is_not_ours_is_nobody(to: str) -> None:
    with pytest.raises(Refused) as refused:
        letters.read(make_raw(to=to))

    assert refused.value.code == os.EX_NOUSER


def test_the_mail_server_says_for_whom_a_letter_is() -> None:
    raw = make_raw(to="reply+aaaaaaaa@koinon.example, reply+bbbbbbbb@koinon.example")

    assert letter(raw).token == "aaaaaaaa"
    assert letter(raw, recipient="Reply+BBBBBBBB@Koinon.example").token == "bbbbbbbb"


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied\n",
        "Precedence: bulk\n",
        "Precedence: junk\n",
        "Precedence: list\n",
        "X-Auto-Response-Suppress: All\n",
        "Return-Path: <>\n",
        "List-Id: <list.example.eu>\n",
        "Content-Type: multipart/report; boundary=b; report-type=disposition-notification\n",
    ],
)
def test_what_a_machine_wrote_is_marked(head: str) -> None:
    assert letter(make_raw("--b\n\nI am away\n--b--", head=head)).auto


def test_what_a_person_wrote_is_not_marked() -> None:
    assert not letter(make_raw(head="Auto-Submitted: no\nReturn-Path: <ana@example.eu>\n")).auto
    assert letter(make_raw(sender="MAILER-DAEMON@example.eu")).auto


@pytest.mark.parametrize(
    "raw",
    [
        make_raw(sender="Koinon <koinon@koinon.example>", message_id="<1@koinon.example>"),
        make_raw(sender="reply+abcdefgh12@koinon.example"),
    ],
)
def test_a_letter_of_ours_that_comes_back_is_dropped(raw: bytes, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Koinon <koinon@koinon.example>"

    with pytest.raises(Dropped, match="circle"):
        letters.read(raw)


def reads_or_refuses(raw: bytes) -> None:
    started = time.monotonic()
    with contextlib.suppress(Refused):
        letters.read(raw)
    assert time.monotonic() - started < 2


@given(st.binary(max_size=2_000))
@hypothesis_settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with override_settings(MAIL_IN=MAIL_IN):
        reads_or_refuses(raw)


_LINES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/alternative; boundary*0=b; boundary*1=c",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        b"Content-Type: message/delivery-status",
        b"Content-Type: text/html; charset=utf-16",
        b"Content-Type: ;;;=",
        b"Content-Transfer-Encoding: base64",
        b"Content-Disposition: attachment; filename*=utf-8''%00%2e%2e",
        b"From: =?utf-8?b?//?= <a@b.eu>",
        b"To: reply+abcdefgh12@koinon.example",
        b"Subject: =?x?q?=ff?=",
        b"Action: failed",
        b"Status: 5.1.1",
        b"--b",
        b"--b--",
        b"",
        b"> quoted",
        b"-- ",
        b"<blockquote><p",
    ]
)


@given(st.lists(_LINES | st.binary(max_size=60), max_size=60), st.sampled_from([b"\n", b"\r\n"]))
@hypothesis_settings(max_examples=300, deadline=None)
def test_any_lines_of_a_letter_are_read_or_refused(lines: list[bytes], end: bytes) -> None:
    with override_settings(MAIL_IN=MAIL_IN):
        reads_or_refuses(end.join([b"From: a@b.eu", b"To: reply+abcdefgh12@koinon.example", *lines]))
