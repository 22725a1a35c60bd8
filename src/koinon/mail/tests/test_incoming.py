"""A letter is acted on once, a report marks the address, and whatever is refused says why."""

import io
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from koinon.mail import addresses, bounces, incoming
from koinon.mail.incoming import Dropped, Letter, Refused
from koinon.mail.models import Outbox, Received
from koinon.mail.testing import MAIL_IN, make_raw

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _taking_mail(settings: Any, tmp_path: Path) -> None:
    settings.MAIL_IN = MAIL_IN
    settings.DATA = tmp_path


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Letter]:
    """The letters that a capability has taken: it knows one token."""
    letters: list[Letter] = []

    def handler(letter: Letter) -> bool:
        if letter.token != "abcdefgh12":
            return False
        letters.append(letter)
        return True

    monkeypatch.setattr(incoming, "handlers", [handler])
    return letters


def report(mail: Outbox, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    body = (
        "--b\nContent-Type: text/plain\n\nIt did not work.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.eu\n\n"
        f"Final-Recipient: rfc822; {mail.to}\nAction: {action}\nStatus: {status}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {mail.message_id}\nTo: {mail.to}\n--b--\n"
    )
    head = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\nReturn-Path: <>\n"
    return make_raw(body, sender="MAILER-DAEMON@example.eu", to=MAIL_IN, head=head)


def sent() -> Outbox:
    return Outbox.objects.create(
        to="ana@example.eu", subject="S", text="T", state=Outbox.State.SENT, sent_at=timezone.now()
    )


def test_an_answer_reaches_whom_it_is_for(taken: list[Letter]) -> None:
    incoming.receive(make_raw("Yes", to=f"Koinon <{addresses.reply_address('abcdefgh12')}>"))

    assert [(letter.token, letter.sender, letter.text) for letter in taken] == [
        ("abcdefgh12", "ana@example.eu", "Yes")
    ]


def test_the_same_letter_is_acted_on_once(taken: list[Letter]) -> None:
    for head in ("", "Received: by another way\n"):
        incoming.receive(make_raw(head=head))
        incoming.receive(make_raw(message_id="", head=head))

    assert len(taken) == 2


def test_a_forged_token_is_nobody(taken: list[Letter]) -> None:
    with pytest.raises(Refused, match="Nothing waits") as refused:
        incoming.receive(make_raw(to="reply+abcdefgh13@koinon.example"))

    assert (refused.value.code, taken, Received.objects.count()) == (os.EX_NOUSER, [], 0)


@pytest.mark.parametrize(
    "head",
    ["Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "Return-Path: <>\n", "X-Autoreply: yes\n"],
)
def test_what_a_machine_wrote_is_no_answer_and_gets_none(taken: list[Letter], head: str) -> None:
    with pytest.raises(Dropped):
        incoming.receive(make_raw("I am away", head=head))

    assert (taken, Outbox.objects.count()) == ([], 0)


def test_a_handler_refuses_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(letter: Letter) -> bool:
        raise Refused("This question is\nclosed.")

    monkeypatch.setattr(incoming, "handlers", [handler])

    with pytest.raises(Refused) as refused:
        incoming.receive(make_raw())

    assert (refused.value.reason, Received.objects.count()) == ("This question is closed.", 0)


@pytest.mark.parametrize("trouble", [OperationalError("away"), KeyError("a fault of ours")])
def test_what_could_not_be_kept_comes_again(
    monkeypatch: pytest.MonkeyPatch, taken: list[Letter], trouble: Exception
) -> None:
    def failing(letter: Letter) -> bool:
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(incoming, "handlers", [failing])
        with pytest.raises(Refused) as refused:
            incoming.receive(make_raw())

    incoming.receive(make_raw())

    assert (refused.value.code, len(taken)) == (os.EX_TEMPFAIL, 1)


def test_a_delivery_report_marks_the_address() -> None:
    mail = sent()

    incoming.receive(report(mail))

    mail.refresh_from_db()
    assert (mail.state, mail.trouble) == (Outbox.State.FAILED, "came back: 5.1.1")
    assert bounces.is_bouncing(mail.to)


def test_a_report_of_policy_fails_the_mail_and_not_the_address() -> None:
    mail = sent()

    incoming.receive(report(mail, status="5.7.1"))

    mail.refresh_from_db()
    assert (mail.state, bounces.is_bouncing(mail.to)) == (Outbox.State.FAILED, False)


def test_a_report_that_says_nothing_final_or_is_forged_changes_nothing() -> None:
    mail = sent()
    forged = Outbox(to=mail.to, message_id=addresses.new_message_id())

    for raw in (report(mail, status="4.2.0", action="delayed"), report(forged)):
        with pytest.raises(Dropped):
            incoming.receive(raw)

    mail.refresh_from_db()
    assert (mail.state, bounces.is_bouncing(mail.to)) == (Outbox.State.SENT, False)


def test_without_an_address_for_it_no_mail_is_taken(settings: Any, taken: list[Letter]) -> None:
    settings.MAIL_IN = ""

    with pytest.raises(Refused, match="KOINON_MAIL_IN") as refused:
        incoming.receive(make_raw())

    assert (addresses.reply_address("abcdefgh12"), refused.value.code, taken) == (None, os.EX_NOUSER, [])


@pytest.mark.parametrize(
    ("raw", "code", "said"),
    [
        (make_raw(), 0, "taken"),
        (make_raw(to="reply+abcdefgh13@koinon.example"), 67, "Nothing waits"),
        (make_raw(to="other@koinon.example"), 67, "no address"),
        (b"\xff\x00", 65, "header"),
        (make_raw("a" * 3_000_000), 65, "2 MB"),
        (make_raw(head="Precedence: bulk\n"), 0, "machine"),
    ],
)
def test_the_command_says_why_and_exits_as_mail_servers_know_it(
    monkeypatch: pytest.MonkeyPatch, taken: list[Letter], raw: bytes, code: int, said: str
) -> None:
    ended, line = received(monkeypatch, raw)

    assert (ended, said in line, line.count("\n")) == (code, True, 1)


def test_the_command_asks_to_try_again_when_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, taken: list[Letter]
) -> None:
    def away(**_: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(Received.objects, "get_or_create", away)

    assert received(monkeypatch, make_raw()) == (75, "The database cannot be reached; please try again.\n")


def received(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    code = 0
    try:
        call_command("receive", stdout=out, stderr=err)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue() + err.getvalue()


def laid_down(tmp_path: Path, **files: bytes) -> Path:
    folder = tmp_path / "mail" / "in"
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    return folder.parent


def names(folder: Path) -> list[str]:
    return sorted(file.name.partition("-")[2] for file in folder.iterdir()) if folder.is_dir() else []


def test_files_go_to_done_or_refused(tmp_path: Path, taken: list[Letter]) -> None:
    folder = laid_down(
        tmp_path, a=make_raw(), b=make_raw(head="Precedence: bulk\n"), c=b"\xff", d=b"x" * 3_000_000
    )
    (folder / "in" / ".writing").write_bytes(make_raw())
    (folder / "in" / "link").symlink_to("/etc/hostname")

    counts = [incoming.receive_files(), incoming.receive_files()]

    assert (counts, len(taken)) == ([5, 0], 1)
    assert (names(folder / "done"), names(folder / "refused")) == (["a", "b"], ["c", "d", "link"])
    assert [file.name for file in (folder / "in").iterdir()] == [".writing"]


def test_a_file_that_was_acted_on_but_not_moved_is_not_acted_on_again(
    tmp_path: Path, taken: list[Letter]
) -> None:
    folder = laid_down(tmp_path, a=make_raw())
    incoming.receive(make_raw())

    incoming.receive_files()

    assert (len(taken), names(folder / "done")) == (1, ["a"])


def test_what_cannot_be_kept_now_stays_for_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[Letter]
) -> None:
    folder = laid_down(tmp_path, young=make_raw(), old=make_raw(message_id="<2@example.eu>"))
    os.utime(folder / "in" / "old", (time.time() - 90_000,) * 2)

    def failing(letter: Letter) -> bool:
        raise OperationalError("away")

    monkeypatch.setattr(incoming, "handlers", [failing])
    incoming.receive_files()

    assert [file.name for file in (folder / "in").iterdir()] == ["young"]
    assert names(folder / "refused") == ["old"]


def test_a_run_is_bounded(tmp_path: Path, taken: list[Letter]) -> None:
    laid_down(tmp_path, **{f"f{number:02}": b"\xff" for number in range(60)})

    assert [incoming.receive_files(), incoming.receive_files()] == [50, 10]


def test_old_files_are_deleted(tmp_path: Path, taken: list[Letter]) -> None:
    folder = laid_down(tmp_path, a=make_raw(), b=b"\xff")
    incoming.receive_files()
    for file in folder.glob("*/*"):
        os.utime(file, (time.time() - 31 * 24 * 3600,) * 2)

    incoming.forget_old_files()

    assert [names(folder / where) for where in ("done", "refused")] == [[], []]
