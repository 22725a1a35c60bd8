"""What a ticket opens, for how long, and that nobody makes one but us."""

import base64
import json
import time

import pytest
from django.core.signing import Signer

from koinon.live import tickets
from koinon.live.tickets import LISTEN_FOR, RENEW_FOR, NoTicket


def test_a_ticket_says_what_it_was_made_for() -> None:
    ticket = tickets.read(tickets.issue("room:13INFO", voice="v", person=7), max_age=LISTEN_FOR)

    assert (ticket.channel, ticket.voice, ticket.person) == ("room:13INFO", "v", 7)


def test_it_listens_for_ten_minutes_and_writes_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    text = tickets.issue("room:a", voice="v")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 11 * 60)

    with pytest.raises(NoTicket):
        tickets.read(text, max_age=LISTEN_FOR)
    assert tickets.read(text, max_age=RENEW_FOR).voice == "v"
    monkeypatch.setattr(time, "time", lambda: now + 25 * 3600)
    with pytest.raises(NoTicket):
        tickets.read(text, max_age=RENEW_FOR)


def _signed(body: object, salt: str = "koinon.live.tickets") -> str:
    text = base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")
    return tickets.MARK + Signer(salt=salt, sep=".").sign(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kt1.",
        "kt1...",
        "kt1.é.ü",
        "kt1." + "a" * 5000,
        tickets.issue("room:a")[:-1],
        tickets.issue("room:a").replace("kt1.", "kt1.A"),
        tickets.issue("room:a").removeprefix("kt1."),
        _signed(["room:a", "", None, 1_795_000_000], salt="another"),
        _signed("room:a"),
        _signed(["room:a"]),
        _signed(["room:a", "", None, "soon"]),
        _signed(["room:a", "", None, 9_999_999_999]),
    ],
)
def test_what_we_did_not_make_is_none(text: str) -> None:
    with pytest.raises(NoTicket):
        tickets.read(text, max_age=10**12)


def test_a_ticket_of_another_house_is_none(settings: object) -> None:
    text = tickets.issue("room:a")
    other = Signer(key="another house", salt="koinon.live.tickets", sep=".")
    forged = tickets.MARK + other.sign(text.removeprefix(tickets.MARK).rpartition(".")[0])

    with pytest.raises(NoTicket):
        tickets.read(forged, max_age=LISTEN_FOR)
    assert tickets.read(text, max_age=LISTEN_FOR).channel == "room:a"


def test_voices_are_not_guessed() -> None:
    assert len({tickets.new_voice() for _ in range(100)}) == 100
    assert len(tickets.new_voice()) >= 22
