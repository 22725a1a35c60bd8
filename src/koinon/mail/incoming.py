"""Mail that comes in: read, acted on once, or refused in plain words.

What a token means, only the capability that gave it away knows: it adds its function to `handlers` in `apps.py`.
"""

import contextlib
import logging
import os
import secrets
import stat
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction

from koinon.mail import letters
from koinon.mail.bounces import came_back
from koinon.mail.letters import Dropped, Letter, Refused, Report
from koinon.mail.models import Received

__all__ = ["Dropped", "Letter", "Refused", "handlers", "receive", "receive_files"]

log = logging.getLogger("koinon.mail")

handlers: list[Callable[[Letter], bool]] = []
"""Each is asked in turn whether the letter's token is its own; the first that says True has acted on it.

It runs in a transaction. It may raise `Refused` with words for the sender. It judges who may answer: anybody can write
any sender's address into a letter.
"""

_FILES = 50
_ALL_FILES = 20 * 1024 * 1024
_GIVEN_UP_AFTER = 24 * 3600
_KEPT_FOR = 30 * 24 * 3600


def receive(raw: bytes, *, recipient: str | None = None) -> str:
    """Act on one raw message, once. Returns in one plain line what became of it, or raises `Refused` with the reason."""
    if not settings.MAIL_IN:
        raise Refused("This installation takes no mail: KOINON_MAIL_IN is not set.", os.EX_NOUSER)
    letter = letters.read(raw, recipient=recipient)
    try:
        with transaction.atomic():
            if isinstance(letter, Report):
                return _act_on_report(letter)
            return _act_on(letter)
    except Refused:
        raise
    except (DatabaseError, InterfaceError) as trouble:
        raise Refused("The database cannot be reached; please try again.", os.EX_TEMPFAIL) from trouble
    except Exception as trouble:
        log.exception("a letter could not be acted on")
        raise Refused("The mail could not be kept; please try again.", os.EX_TEMPFAIL) from trouble


def _act_on(letter: Letter) -> str:
    if letter.auto:
        raise Dropped("The mail was written by a machine; it is no answer.")
    _, is_new = Received.objects.get_or_create(letter_hash=letter.fingerprint)
    if not is_new:
        return "The mail came before; nothing was done again."
    if any(handler(letter) for handler in handlers):
        return "The mail was taken."
    # Raising undoes the line above: nothing is remembered of what was not acted on.
    raise Refused("Nothing waits for an answer at this address.", os.EX_NOUSER)


def _act_on_report(report: Report) -> str:
    mail = came_back(report.message_ids, report.status)
    if mail is None:
        raise Dropped("The delivery report names no mail of ours.")
    return f"The delivery report was taken: mail {mail.pk} came back with {report.status}."


def receive_files() -> int:
    """Act on what lies in DATA/mail/in/; each file goes to done/ or refused/. Returns how many were acted on.

    A mail server writes elsewhere and moves a file in when it is whole. Two ticks at once may read the same file: it is
    acted on once, because a letter is.
    """
    folder = Path(settings.DATA) / "mail" / "in"
    if not folder.is_dir():
        return 0
    taken = size = 0
    for file in sorted(folder.iterdir())[: _FILES * 20]:
        if taken >= _FILES or size > _ALL_FILES:
            break
        if file.name.startswith("."):
            continue
        try:
            about = file.lstat()
            if stat.S_ISDIR(about.st_mode):
                continue
            taken += 1
            size += min(about.st_size, letters.LARGEST)
            _receive_file(file, about)
        except FileNotFoundError:
            # Another process was here first.
            continue
        except OSError as trouble:
            log.warning("mail/in/%s cannot be read or moved: %s", file.name, trouble.strerror)
    return taken


def _receive_file(file: Path, about: os.stat_result) -> None:
    try:
        if not stat.S_ISREG(about.st_mode):
            raise Refused("This is no file.")
        with file.open("rb") as opened:
            raw = opened.read(letters.LARGEST + 1)
        said = receive(raw)
    except Dropped as dropped:
        _move(file, "done", dropped.reason)
    except Refused as refused:
        if refused.code == os.EX_TEMPFAIL and time.time() - about.st_mtime < _GIVEN_UP_AFTER:
            log.warning("mail/in/%s waits: %s", file.name, refused.reason)
            return
        _move(file, "refused", refused.reason)
    else:
        _move(file, "done", said)


def _move(file: Path, where: str, why: str) -> None:
    folder = file.parent.parent / where
    folder.mkdir(mode=0o700, exist_ok=True)
    # A name of its own: what lies there already is not replaced.
    name = f"{secrets.token_hex(6)}-{file.name[:150]}"
    with contextlib.suppress(PermissionError):
        os.utime(file, follow_symlinks=False)
    file.replace(folder / name)
    log.info("mail/in/%s is now %s/%s: %s", file.name, where, name, why)


def forget_old_files() -> None:
    """Delete from done/ and refused/ what came there more than thirty days ago."""
    over = time.time() - _KEPT_FOR
    for where in ("done", "refused"):
        folder = Path(settings.DATA) / "mail" / where
        for file in folder.iterdir() if folder.is_dir() else ():
            if file.lstat().st_mtime < over:
                file.unlink(missing_ok=True)
