"""A raw message made into a letter, or refused in plain words. Nothing of it is executed, unpacked or fetched.

The standard library reads what it reads well: addresses, encoded words, parameters (the header registry of `email`'s
default policy), each bounded in length. The parts are cut here, because its parser takes time without bound for what is
nested on purpose. Any bytes give a letter or a refusal.
"""

import binascii
import codecs
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.policy import default as policy
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from koinon.base.languages import ENDONYMS
from koinon.base.text import visible
from koinon.mail import words
from koinon.mail.addresses import MESSAGE_ID, own_address, own_domain, tokens_in

LARGEST = 2 * 1024 * 1024
LONGEST_TEXT = 100_000
_LONGEST_HTML = 512 * 1024
_TOO_LONG = f"The text of the mail is longer than {LONGEST_TEXT:,} characters."
_HEAD = 64 * 1024
_HEADER = 16 * 1024
_READ = 2_000
_HEADERS = 300
_PARTS = 50
_DEPTH = 8
_ATTACHMENTS = 20
_CHARSET = re.compile(
    r"utf-(8|16|32)(-[bl]e)?|ascii|iso8859-\d+|cp\d+|koi8-[ru]|gb\w+|big5\w*|shift_jis\w*|euc_\w+|iso2022_\w+|mac-\w+|hz"
)
_KIND = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,90}")
_SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
_ROBOTS = {"mailer-daemon", "postmaster"}


class Refused(Exception):
    """Why a letter is not taken, in one plain line, with the exit code that tells the mail server what to do with it."""

    def __init__(self, reason: str, code: int = os.EX_DATAERR) -> None:
        super().__init__(reason)
        self.reason = visible(" ".join(reason.split()))[:300]
        self.code = code


class Dropped(Refused):
    """What is not acted on and must not be answered either: the mail server is told that all is well."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, os.EX_OK)


@dataclass(frozen=True)
class Attachment:
    """A file that came with a letter: name and kind are what the sender claims, the bytes are as they came."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A letter as far as we read it. `sender` is what it claims: anybody can write any address there."""

    token: str
    sender: str
    subject: str
    text: str
    """What was written, without the quoted letter and the signature."""
    whole: str
    """The text with both."""
    language: str | None
    message_id: str
    fingerprint: str
    """The same letter to the same token has the same, however often it comes."""
    attachments: tuple[Attachment, ...]
    auto: bool
    """Written by a machine: a list, an absence, a report. It is no answer, and is not answered."""


@dataclass(frozen=True)
class Report:
    """A delivery report (RFC 3464): these mails of ours did not arrive, and why."""

    message_ids: list[str]
    status: str


@dataclass
class _Part:
    heads: dict[str, list[str]]
    body: bytes
    kind: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)
    words: str | None = None


def read(raw: bytes, *, recipient: str | None = None) -> Letter | Report:
    """The letter or the delivery report in a raw message; `Refused` where it is neither.

    `recipient` is the address that the mail server took it for, where it says so.
    """
    try:
        return _read(raw, recipient)
    except Refused:
        raise
    except (Exception, RecursionError) as trouble:
        raise Refused("The mail is damaged and cannot be read.") from trouble


def _read(raw: bytes, recipient: str | None) -> Letter | Report:
    if len(raw) > LARGEST:
        raise Refused("The mail is larger than 2 MB.")
    if not raw.strip():
        raise Refused("The mail is empty.")
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    top = _part(raw)
    if not top.heads:
        raise Refused("The mail has no header.")
    parts = list(_leaves(top, _Count()))
    if top.kind == "multipart/report" and top.params.get("report-type", "").lower() == "delivery-status":
        return _report(raw, parts)
    sender = _sender(top)
    _refuse_own(top, sender)
    auto = _is_automatic(top, sender)
    token = "" if auto else _token(top, recipient)
    whole, attachments = _content(parts)
    if not auto and not whole and not attachments:
        raise Refused("The mail holds no text that can be read.")
    message_id = next(iter(MESSAGE_ID.findall(_first(top, "message-id")[:_READ])), "")
    return Letter(
        token=token,
        sender=sender,
        subject=_decoded_words(_first(top, "subject")[:_READ])[:300],
        text=words.trimmed(whole),
        whole=whole,
        language=_language(top),
        message_id=message_id,
        fingerprint=_fingerprint(top, token, message_id),
        attachments=attachments,
        auto=auto,
    )


def _part(raw: bytes) -> _Part:
    """A part cut into its header and its body; its kind is said by the header, or is plain text."""
    if raw.startswith((b"\n", b"\r\n")):
        return _Part({}, raw.lstrip(b"\r\n"))
    window = raw[: _HEAD + 4]
    blank = re.search(rb"\r?\n\r?\n", window)
    if blank is None and len(raw) > _HEAD:
        raise Refused("The header of the mail is too long.")
    part = _Part(_heads(raw[: blank.start()] if blank else raw), raw[blank.end() :] if blank else b"")
    if said := _first(part, "content-type")[:_READ]:
        found: Any = policy.header_factory("content-type", said)
        if _KIND.fullmatch(kind := found.content_type.lower()):
            part.kind = kind
        part.params = {name.lower(): str(value) for name, value in found.params.items()}
    return part


def _heads(head: bytes) -> dict[str, list[str]]:
    heads: dict[str, list[str]] = {}
    unfolded = re.sub(rb"\r?\n(?=[ \t])", b"", head)
    lines = re.split(rb"\r?\n", unfolded)
    if len(lines) > _HEADERS:
        raise Refused("The mail has too many header lines.")
    for line in lines:
        if len(line) > _HEADER:
            raise Refused("A header line of the mail is too long.")
        name, colon, value = line.partition(b":")
        if colon and re.fullmatch(rb"[!-9;-~]{1,80}", name := name.rstrip()):
            try:
                said = value.decode("utf-8")
            except UnicodeDecodeError:
                said = value.decode("cp1252", "replace")
            heads.setdefault(name.decode("ascii").lower(), []).append(
                words.clean(said).replace("\n", " ").strip()
            )
    return heads


class _Count:
    parts = 0


def _leaves(part: _Part, count: _Count, depth: int = 0) -> Iterator[_Part]:
    """The parts that hold something, in their order; alternatives give only the one that is read."""
    count.parts += 1
    if count.parts > _PARTS:
        raise Refused("The mail has too many parts.")
    if not part.kind.startswith("multipart/"):
        yield part
        return
    if depth >= _DEPTH:
        raise Refused("The parts of the mail are nested too deeply.")
    boundary = part.params.get("boundary", "")[:200].encode("utf-8", "surrogateescape").rstrip()
    if not boundary:
        raise Refused("The parts of the mail cannot be told apart.")
    mark = re.compile(rb"\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    pieces = mark.split(b"\n" + part.body, maxsplit=_PARTS + 1)
    inner: list[list[_Part]] = []
    for closing, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if closing:
            break
        inner.append(
            list(_leaves(_part(re.sub(rb"\A\r?\n", b"", piece.removesuffix(b"\r"))), count, depth + 1))
        )
    if part.kind == "multipart/alternative":
        inner = _chosen(inner)
    for leaves in inner:
        yield from leaves


def _chosen(alternatives: list[list[_Part]]) -> list[list[_Part]]:
    """Of several versions of the same: the plain one where it says anything, else the last that holds text.

    Files that came inside another version stay: there are programs that put them there.
    """
    plain = [
        leaves
        for leaves in alternatives
        if any(_is_text(leaf) and leaf.kind == "text/plain" and _words_of(leaf) for leaf in leaves)
    ]
    readable = [leaves for leaves in alternatives if any(map(_is_text, leaves))]
    read = (plain[:1] or readable[-1:] or [[]])[0]
    return [
        leaves if leaves is read else [leaf for leaf in leaves if not _is_text(leaf)]
        for leaves in alternatives
    ]


def _content(parts: list[_Part]) -> tuple[str, tuple[Attachment, ...]]:
    texts: list[str] = []
    attachments: list[Attachment] = []
    for part in parts:
        if _is_text(part):
            texts.append(_words_of(part))
        elif part.kind not in _SIGNATURES:
            attachments.append(Attachment(_name(part), part.kind, _bytes_of(part)))
    if len(attachments) > _ATTACHMENTS:
        raise Refused(f"More than {_ATTACHMENTS} files came with the mail.")
    whole = "\n\n".join(text for text in texts if text)
    if len(whole) > LONGEST_TEXT:
        raise Refused(_TOO_LONG)
    return whole, tuple(attachments)


def _is_text(part: _Part) -> bool:
    """Whether a part is to be read, and is not a file that came along."""
    is_file = _first(part, "content-disposition").lower().startswith("attachment") or "name" in part.params
    return part.kind in {"text/plain", "text/html"} and not is_file


def _words_of(part: _Part) -> str:
    if part.words is None:
        text = _text_of(part)
        if part.kind == "text/html":
            if len(text) > _LONGEST_HTML:
                raise Refused("The mail holds only HTML, and more of it than can be read.")
            text = words.of_html(text)
        if len(text) > 2 * LONGEST_TEXT:
            raise Refused(_TOO_LONG)
        part.words = words.clean(text)
    return part.words


def _text_of(part: _Part) -> str:
    content = _bytes_of(part)
    charset = part.params.get("charset", "utf-8").strip().lower()[:40]
    try:
        name = codecs.lookup(charset).name
        if _CHARSET.fullmatch(name):
            return content.decode(name)
    except (LookupError, UnicodeError, ValueError):
        pass
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _bytes_of(part: _Part) -> bytes:
    encoding = _first(part, "content-transfer-encoding").lower()
    if encoding == "base64":
        packed = re.sub(rb"[^A-Za-z0-9+/]", b"", part.body)
        return binascii.a2b_base64(packed[: len(packed) - (len(packed) % 4 == 1)] + b"===")
    if encoding == "quoted-printable":
        return binascii.a2b_qp(part.body)
    return part.body


def _name(part: _Part) -> str:
    """The name that the sender gave a file, fit to be shown: no folders, nothing unseen, at most 120 characters."""
    said = _first(part, "content-disposition")[:_READ]
    found: Any = policy.header_factory("content-disposition", said) if said else None
    name = str((found.params.get("filename") if found else None) or part.params.get("name") or "")
    name = re.split(r"[/\\]", _decoded_words(name[:_READ]))[-1].strip(" .")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:100]}{dot}{ending[:19]}" if name else ""


def _sender(top: _Part) -> str:
    said = top.heads.get("from", [])
    if len(said) != 1 or len(said[0]) > _READ:
        raise Refused("The mail does not name one sender.")
    found: Any = policy.header_factory("from", said[0])
    if len(found.addresses) != 1:
        raise Refused("The mail does not name one sender.")
    sender = str(found.addresses[0].addr_spec).lower()
    try:
        validate_email(sender)
    except ValidationError:
        raise Refused("The sender of the mail is not an address that can be read.") from None
    if len(sender) > 254:
        raise Refused("The sender of the mail is not an address that can be read.")
    return sender


def _refuse_own(top: _Part, sender: str) -> None:
    """What we sent ourselves came back in a circle."""
    ours = _first(top, "message-id").strip().lower().endswith(f"@{own_domain()}>")
    if (ours and sender == own_address()) or tokens_in(sender):
        raise Dropped("The mail is one of ours that came back in a circle.")


def _is_automatic(top: _Part, sender: str) -> bool:
    says = _first(top, "auto-submitted").partition(";")[0].strip().lower()
    return (
        says not in {"", "no"}
        or _first(top, "precedence").strip().lower() in {"bulk", "junk", "list", "auto_reply"}
        or any(
            name in top.heads
            for name in (
                "x-auto-response-suppress",
                "x-autoreply",
                "x-autorespond",
                "list-id",
                "list-unsubscribe",
            )
        )
        or any(value.strip() == "<>" for value in top.heads.get("return-path", []))
        or top.kind == "multipart/report"
        or sender.partition("@")[0] in _ROBOTS
    )


def _token(top: _Part, recipient: str | None) -> str:
    """To what the letter answers: the address the mail server took it for says it, else the first in the header."""
    if recipient is not None:
        said = [recipient]
    else:
        names = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
        said = [value for name in names for value in top.heads.get(name, [])]
    for value in said:
        if found := tokens_in(value):
            return found[0]
    raise Refused("The mail goes to no address that answers are read at.", os.EX_NOUSER)


def _report(raw: bytes, parts: list[_Part]) -> Report:
    for part in parts:
        if part.kind == "message/delivery-status":
            said = _bytes_of(part).decode("utf-8", "replace")
            failed = re.search(r"^Action:\s{0,9}failed", said, re.IGNORECASE | re.MULTILINE)
            status = re.search(r"^Status:\s{0,9}(5\.\d{1,3}\.\d{1,3})", said, re.IGNORECASE | re.MULTILINE)
            ours = re.escape(own_domain())
            found = re.findall(rf"<[0-9a-f]{{32}}@{ours}>", raw.decode("latin-1"))
            if failed and status and found:
                return Report(list(dict.fromkeys(found))[:10], status[1])
    raise Dropped("The delivery report names no mail of ours that was given up.")


def _language(top: _Part) -> str | None:
    said = _first(top, "content-language").strip().lower()[:2]
    return said if said in ENDONYMS else None


def _fingerprint(top: _Part, token: str, message_id: str) -> str:
    if message_id:
        known = message_id.encode()
    else:
        heads = "\n".join(_first(top, name) for name in ("from", "date", "subject"))
        known = heads.encode("utf-8", "replace") + b"\n" + top.body
    return hashlib.sha256(token.encode() + b"\n" + known).hexdigest()


def _first(part: _Part, name: str) -> str:
    return part.heads.get(name, [""])[0]


def _decoded_words(said: str) -> str:
    """A header that people read: encoded words decoded, on one line, nothing unseen in it."""
    try:
        said = str(policy.header_factory("subject", said))
    except Exception:
        said = "" if "=?" in said else said
    text = "".join(
        " " if unicodedata.category(letter) in {"Zl", "Zp"} or letter in "\t\n\r" else letter
        for letter in said
    )
    return " ".join(visible(text).split())
