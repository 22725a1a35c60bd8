"""Files that people send: taken when they are of a known, quiet kind, written anew, and refused in plain words else.

What a file is is found in its content, never in its name. Nothing is kept as it came: pictures lose place and
camera, documents their author, and what could run (scripts, macros, actions, files within files) is not carried over
or the file is refused. Serve what is kept with `headers`, which make a browser save it and never run it.
"""

import re
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from koinon.base import washing
from koinon.base.text import is_plain, visible

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_FILES: Final = 5
MOST_SECONDS: Final = 5
_MOST_LETTERS_OF_A_NAME: Final = 100
TEXT: Final = "text/plain"
CSV: Final = "text/csv"

# The ending that the name of each kind gets; others that mean the same and may stay.
_ENDINGS: Final = {
    washing.PNG: (".png",),
    washing.JPEG: (".jpg", ".jpeg"),
    washing.WEBP: (".webp",),
    washing.PDF: (".pdf",),
    TEXT: (".txt",),
    CSV: (".csv",),
    washing.DOCX: (".docx",),
    washing.XLSX: (".xlsx",),
    washing.PPTX: (".pptx",),
    washing.ODT: (".odt",),
    washing.ODS: (".ods",),
    washing.ODP: (".odp",),
}
_SENTENCES: Final = {
    "empty": _("The file is empty."),
    "large": _("The file is larger than %(megabytes)d MB."),
    "kind": _(
        "Files of this kind are not taken. Pictures (PNG, JPEG, WebP, GIF), PDF, plain text, CSV and documents of "
        "Word, Excel, PowerPoint and LibreOffice in their present formats are."
    ),
    "broken": _("The file is damaged or incomplete. Please save it once more and send it again."),
    "locked": _("The file is protected by a password. Please save it without one and send it again."),
    "letters": _("The text holds signs that cannot be shown. Please save it as UTF-8 and send it again."),
    "markup": _("Web pages and drawings made of code are not taken. Please send a PDF or a picture of them."),
    "pixels": _("The picture is larger than %(megapixels)d megapixels. Please make it smaller."),
    "pages": _("The PDF has more than %(pages)d pages. Please send a part of it."),
    "unpacked": _("The document is too large once it is unpacked. Please send a smaller one."),
    "macros": _("The document holds macros or scripts. Please save it without them and send it again."),
    "embedded": _("The document holds other files. Please take them out and send them on their own."),
    "outside": _("The document loads parts from elsewhere. Please put them into the document itself."),
    "slow": _("The file takes too much time or memory to check. Please send a smaller or simpler one."),
    "busy": _("Too many files are being checked right now. Please send it again in a minute."),
}
# In small letters, so that the search is quick in long texts.
_MARKUP: Final = re.compile(
    r"<(?:!doctype|html|head|body|script|svg|math|iframe|object|embed|meta|base|link|style|form)\b"
)
_MARKUP_AT_ONCE: Final = re.compile(r"\s*<[!?a-z]")
_CODE: Final = ("{\\rtf", "%!", "#!", "MIME-Version:")
# Two at a time: checking is work for one processor each.
_turns: Final = BoundedSemaphore(2)


class Refused(Exception):
    """A file is not taken. `reason` is a whole sentence in the language of the page; `why` its short name."""

    def __init__(self, why: str) -> None:
        self.why = why if why in _SENTENCES else "broken"
        self.reason = str(_SENTENCES[self.why]) % {
            "megabytes": MOST_BYTES // 1024**2,
            "megapixels": washing.MOST_PIXELS // 1_000_000,
            "pages": washing.MOST_PAGES,
        }
        super().__init__(self.reason)


@dataclass(frozen=True)
class Clean:
    """A file that may be kept: `content` is written anew, `kind` its media type, `name` safe to show and to save."""

    name: str
    kind: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


def clean(name: str, content: bytes) -> Clean:
    """The file as it may be kept; raises `Refused` for anything else, and nothing besides.

    Takes at most `MOST_SECONDS`, and as long again where others are waiting.
    """
    if not content:
        raise Refused("empty")
    if len(content) > MOST_BYTES:
        raise Refused("large")
    family = _family(content)
    if family == "text":
        kind, washed = _text(name, content)
    else:
        kind, washed = _washed(family, content)
    if len(washed) > 2 * MOST_BYTES:
        raise Refused("unpacked")
    return Clean(_name(name, kind), kind, washed)


def headers(clean_name: str, kind: str) -> dict[str, str]:
    """The headers with which a kept file is served: to be saved, not shown, and never run on our pages."""
    disposition = content_disposition_header(as_attachment=True, filename=clean_name) or "attachment"
    shown = kind in {washing.PNG, washing.JPEG, washing.WEBP, washing.PDF}
    text = kind in {TEXT, CSV}
    return {
        "Content-Disposition": disposition,
        "Content-Type": f"{kind}; charset=utf-8" if text else kind if shown else "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
    }


def _family(content: bytes) -> str:
    if content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")):
        return "picture"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "picture"
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"PK\x03\x04"):
        return "office"
    if content.startswith(b"\xd0\xcf\x11\xe0"):  # the formats before 2007, and protected ones of today
        raise Refused("kind")
    return "text"


def _text(name: str, content: bytes) -> tuple[str, bytes]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Bytes that no text has: another kind of file.
        utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        raise Refused("kind" if b"\0" in content and not utf_16 else "letters") from None
    if "\0" in text:
        raise Refused("kind")
    small = text.lower()
    at_once = _MARKUP_AT_ONCE.match(small) or text.lstrip().startswith(_CODE) or "%PDF-" in text[:1024]
    if at_once or _MARKUP.search(small):
        raise Refused("markup")
    # Each letter once: a long text has few of them.
    if not is_plain("".join(set(text)), lines=True):
        raise Refused("letters")
    return (CSV if name.lower().endswith(".csv") else TEXT), text.encode()


def _washed(family: str, content: bytes) -> tuple[str, bytes]:
    """In a process of its own, which may fail, loop or grow without harm. (-P: its folder is no place to import from.)"""
    command = [sys.executable, "-P", str(Path(washing.__file__)), family]
    if not _turns.acquire(timeout=MOST_SECONDS):
        raise Refused("busy")
    try:
        done = subprocess.run(  # noqa: S603 — our own program; the file comes in as bytes
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("slow") from None
    finally:
        _turns.release()
    line, _end, washed = done.stdout.partition(b"\n")
    answer, _blank, word = line.decode("ascii", "replace").partition(" ")
    if answer == "clean" and word in _ENDINGS and done.returncode == 0:
        return word, washed
    raise Refused(word if answer == "refused" else "broken")


def _name(name: str, kind: str) -> str:
    """The last part of a name, without what nobody sees or a file system trips over, with the ending of its kind."""
    last = re.split(r"[/\\]", visible(name.replace("\t", " ")))[-1]
    plain = re.sub(r'[<>:"|?*;%`$\s]+', " ", unicodedata.normalize("NFC", last)).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    endings = _ENDINGS[kind]
    if dot and "." + ending.lower() in endings:
        suffix = "." + ending.lower()
    else:
        suffix = endings[0]
        # The ending of another kind goes, a number of a version stays.
        stem = stem if dot and re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9]{1,5}", ending) else plain
    stem = stem[: _MOST_LETTERS_OF_A_NAME - len(suffix)].strip(" .") or "file"
    return stem + suffix
