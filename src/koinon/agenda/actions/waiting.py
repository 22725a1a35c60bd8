"""Places and the waiting list: who waits longest is offered first, an offer holds for a time, then it passes on.

Whatever gives or takes a place locks the session's row first, so that two at once never overbook.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from koinon.agenda import seats
from koinon.agenda.actions import registration_letters as letters
from koinon.agenda.models import Registration, Session
from koinon.journal import versions

State, Mode = Registration.State, Registration.Mode

FEW = seats.FEW


class NotOffered(Exception):
    """There is no offer to take (any more)."""


@dataclass
class Places:
    """What is free: in all, and on site. None: as many as want."""

    free: int | None
    here: int | None

    def takes(self, mode: str) -> bool:
        if self.free is not None and self.free <= 0:
            return False
        return mode != Mode.HERE or self.here is None or self.here > 0

    def take(self, mode: str) -> None:
        if self.free is not None:
            self.free -= 1
        if mode == Mode.HERE and self.here is not None:
            self.here -= 1


@dataclass(frozen=True)
class Standing:
    """How registering for a session stands, as everybody may see it: no numbers from which a single person could be read."""

    kind: str
    """`open`, `few`, `full`, or why nobody can register: `closed`, `past`, `cancelled`."""
    here_full: bool = False
    waiting: int = 0

    @property
    def takes(self) -> bool:
        return self.kind in {"open", "few", "full"}


def lock(session: Session) -> Session:
    """The session as it is now, its row held until the transaction ends."""
    return Session.objects.select_for_update().get(pk=session.pk)


def places_of(session: Session) -> Places:
    taken = session.registrations.taking_places()
    free = None if session.capacity is None else session.capacity - taken.count()
    here = session.here_capacity
    return Places(free, None if here is None else here - taken.filter(mode=Mode.HERE).count())


def why_closed(session: Session, now: datetime) -> str:
    """Why nobody can register; empty where one can. Late comers may until the end."""
    if session.state == Session.State.CANCELLED:
        return "cancelled"
    if session.is_over(now):
        return "past"
    return "" if session.takes_registrations else "closed"


def is_bounded(session: Session) -> bool:
    """Whether places are counted."""
    return session.capacity is not None or session.here_capacity is not None


def show_anew(session: Session) -> None:
    """What pages kept for everybody say about its places may have changed."""
    if is_bounded(session):
        versions.raise_()


def modes_of(session: Session) -> list[str]:
    """How one can take part: on site where there is a venue, online where there is a link or no venue."""
    if not session.venue:
        return [Mode.ONLINE]
    return [Mode.HERE, Mode.ONLINE] if session.video else [Mode.HERE]


def standing(session: Session, now: datetime | None = None) -> Standing:
    """How registering stands. Three queries at most, none where nobody can register."""
    if why := why_closed(session, now or timezone.now()):
        return Standing(why)
    if not is_bounded(session):
        return Standing("open")
    places = places_of(session)
    waiting = session.registrations.waiting().count()
    if not any(places.takes(mode) for mode in modes_of(session)):
        return Standing("full", waiting=waiting)
    here_full = Mode.HERE in modes_of(session) and not places.takes(Mode.HERE)
    kind = "few" if places.free is not None and places.free < FEW else "open"
    return Standing(kind, here_full, waiting)


def rank_of(registration: Registration) -> int | None:
    """Which one it is in the line; None where it does not wait."""
    return seats.rank_of(registration, registration.session.registrations.all())


def offer_until(session: Session, now: datetime) -> datetime:
    """A day; near the beginning less; never beyond the end (`agenda/seats.py`)."""
    return seats.offer_until(now, begins=session.starts_at, ends=session.ends_at)


@transaction.atomic
def fill(session: Session, *, at: datetime | None = None) -> int:
    """Offer what is free to those who wait, in their order; returns how many offers went out.

    Who waits for a place on site is passed by only by those who can come online meanwhile.
    """
    now = at or timezone.now()
    session = lock(session)
    if why_closed(session, now) not in {"", "closed"}:
        return 0
    places, offered = places_of(session), 0
    if not any(places.takes(mode) for mode in Mode.values):
        return 0
    line = session.registrations.waiting().select_for_update()
    if not places.takes(Mode.HERE):
        line = line.exclude(mode=Mode.HERE)
    most = None if places.free is None else places.free
    for waiting in list(line[:most] if places.here is None else line):
        if not places.takes(waiting.mode):
            if not places.takes(Mode.ONLINE):
                break
            continue
        places.take(waiting.mode)
        seats.offer(waiting, offer_until(session, now))
        letters.offer(waiting)
        offered += 1
    if offered:
        show_anew(session)
    return offered


@transaction.atomic
def accept(registration: Registration, *, at: datetime | None = None) -> Registration:
    """Take the place that is offered. Twice is once; too late raises `NotOffered`, and the place passes on."""
    now = at or timezone.now()
    session = lock(registration.session)
    mine = Registration.objects.select_for_update().get(pk=registration.pk)
    if mine.state == State.COMING:
        return mine
    if mine.state != State.OFFERED or why_closed(session, now) in {"cancelled", "past"}:
        raise NotOffered
    if mine.offer_until is not None and mine.offer_until <= now:
        raise NotOffered
    mine.state, mine.offer_until, mine.email_confirmed = State.COMING, None, True
    mine.save(update_fields=["state", "offer_until", "email_confirmed"])
    letters.confirm(mine)
    return mine


@transaction.atomic
def lapse(session: Session, *, at: datetime | None = None) -> int:
    """Take back the offers that nobody answered in time, and offer them on; returns how many lapsed."""
    now = at or timezone.now()
    session = lock(session)
    over = seats.lapse(session.registrations.all(), now, letters.lapsed)
    if over:
        show_anew(session)
    fill(session, at=now)
    return over


def run() -> int:
    """What is due, for the tick: offers that lapsed, and places that came free (by a larger capacity too)."""
    now, done = timezone.now(), 0
    moving = Registration.objects.filter(state__in=[State.WAITING, State.OFFERED])
    for session in Session.objects.to_come(now).filter(pk__in=moving.values("session")).order_by("pk"):
        done += lapse(session, at=now)
    return done
