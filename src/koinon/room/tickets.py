"""A voice for who comes to a room: from the ticket that was shown, the cookie of a page without script, or a new one."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.crypto import salted_hmac

from koinon.base.visitor import HttpRequest
from koinon.live import tickets
from koinon.live.tickets import NoTicket, Ticket
from koinon.network.limits import Limiter
from koinon.room.models import Room
from koinon.room.permissions import may_take_part

new_voices = Limiter(most=240, seconds=60)
"""New voices for one address: a hall behind one address may come in; one machine cannot be a crowd."""


def cookie_name(room: Room) -> str:
    return f"voice-{room.session.code}"


def shown_by_cookie(request: HttpRequest, room: Room) -> Ticket | None:
    """The ticket of a page that was acted on before, if it is still good for this room."""
    return _good(request.COOKIES.get(cookie_name(room), ""), room)


def shown_as_bearer(request: Any, room: Room) -> Ticket | None:
    """The ticket that came as `Authorization: Bearer kt1.…`."""
    kind, _, shown = str(request.headers.get("Authorization", "")).partition(" ")
    return _good(shown.strip(), room) if kind.lower() == "bearer" else None


def is_shown(request: Any) -> bool:
    """Whether a ticket came as bearer, good or bad."""
    kind, _, shown = str(request.headers.get("Authorization", "")).partition(" ")
    return kind.lower() == "bearer" and tickets.looks_like_one(shown.strip())


def for_page(request: HttpRequest, room: Room, nonce: str) -> Ticket | None:
    """The voice that a form acts with; None where this address has had too many new ones.

    Who has none yet gets one that is derived from the page's own `nonce`: the same form sent twice speaks with one voice.
    """
    person = request.visitor.person_id
    if (held := shown_by_cookie(request, room)) is not None:
        return Ticket(room.channel, held.voice, person, held.at)
    if new_voices.wait(request.META.get("REMOTE_ADDR", "")):
        return None
    made = salted_hmac("koinon.room.voice", f"{room.session.code}:{nonce}", algorithm="sha256").hexdigest()
    return Ticket(room.channel, made[:32], person, datetime.now(UTC))


def keep(response: HttpResponse, room: Room, ticket: Ticket) -> None:
    """After a deed: the browser keeps the voice for a day. For nothing else, and never before an action."""
    response.set_cookie(
        cookie_name(room),
        tickets.issue(room.channel, voice=ticket.voice, person=ticket.person),
        max_age=tickets.RENEW_FOR,
        httponly=True,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
        path="/",
    )


def for_script(request: HttpRequest, room: Room, nonce: str) -> str:
    """The ticket that a page hands to its script, of the same voice as its forms; empty where this address had too many.

    Who only keeps the technics listens without a voice.
    """
    if not may_take_part(request.visitor):
        return tickets.issue(room.channel, person=None)
    ticket = for_page(request, room, nonce)
    return tickets.issue(room.channel, voice=ticket.voice, person=ticket.person) if ticket else ""


def key_of(nonce: str, *said: object) -> str:
    """What takes the place of an Idempotency-Key on a page: another text from the same page is another deed."""
    text = "\x1f".join([nonce, *map(str, said)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _good(shown: str, room: Room) -> Ticket | None:
    try:
        ticket = tickets.read(shown, max_age=tickets.RENEW_FOR)
    except NoTicket:
        return None
    return ticket if ticket.channel == room.channel and ticket.voice else None
