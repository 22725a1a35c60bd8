"""Registering for a session, changing what one told, giving the place back, and forgetting what is no longer needed."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from koinon.agenda.actions import registration_letters as letters
from koinon.agenda.actions import reminding, waiting
from koinon.agenda.models import Registration, Session, Slip
from koinon.agenda.permissions import may_read
from koinon.agenda.permissions_registration import may_answer_needs, may_register
from koinon.agenda.registration_codes import code_from
from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.people.actions import hold
from koinon.people.models import Person
from koinon.places import zones
from koinon.places.models import Place
from koinon.questions.models.questions import hash_of

State, Mode, Need = Registration.State, Registration.Mode, Registration.Need
KEPT = timedelta(days=60)
_BATCH = 200


class Closed(Exception):
    """Nobody can register: `why` is `closed`, `past` or `cancelled`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Full(Exception):
    """There is no place free of the kind somebody wants to change to; what one has stays."""


class Ended(Exception):
    """The registration is cancelled, lapsed or erased: there is nothing to change."""


@dataclass(frozen=True)
class Registered:
    """What is said to who registers. `code` opens a page: the private one, or a slip where the address was not proved."""

    state: str
    rank: int | None
    seed: str
    is_private: bool

    @property
    def code(self) -> str:
        return code_from(self.seed)


@transaction.atomic
def register(
    session: Session,
    *,
    by: Visitor,
    email: str,
    nonce: str,
    name: str = "",
    body_kind: str = "",
    place: Place | None = None,
    zone: str = "",
    mode: str = "",
    listed: bool = False,
    need: str = "",
    page_language: str = "en",
) -> Registered:
    """Take a place, or a rank on the waiting list. The same form sent twice, or the same address, is one registration.

    Who signed in with this address gets the private page at once. For all others the answer is the same whether the
    address was registered before or not; the key goes to the address by mail.
    """
    now = timezone.now()
    require(session.published and may_read(by, session), hidden=True)
    require(may_register(by, session))
    if by.person_id is not None:
        # Nothing is kept for an account that ends at this moment.
        hold(by)
    session = waiting.lock(session)
    if why := waiting.why_closed(session, now):
        raise Closed(why)
    email, modes = email.strip().lower(), waiting.modes_of(session)
    mode = mode if mode in modes else modes[0]
    own = is_own_address(by, email)
    typed = "\x1f".join(
        (nonce, session.code, email, name, body_kind, mode, need, str(by.person_id if own else ""))
    )
    seed = hashlib.sha256(typed.encode()).hexdigest()
    if not own and (slip := Slip.objects.filter(seed=seed).first()) is not None:
        return Registered(slip.state, slip.rank, seed, False)
    # Who waits comes before who comes now.
    waiting.fill(session, at=now)
    before = session.registrations.active().filter(email=email).first()
    if before is not None and own:
        _take_over(before, by)
        return Registered(before.state, waiting.rank_of(before), before.seed, True)
    takes = waiting.places_of(session).takes(mode)
    state = State.COMING if takes else State.WAITING
    rank = None if takes else session.registrations.waiting().count() + 1
    if before is not None:
        letters.again(before, seed[:16])
        return _slip(session, seed, state, rank)
    made_from = seed if own and not Registration.objects.filter(seed=seed).exists() else secrets.token_hex(32)
    registration = Registration.objects.create(
        session=session,
        person_id=by.person_id if own else None,
        email=email,
        email_confirmed=own,
        name=name,
        body_kind=body_kind,
        place=place,
        zone=zone or zones.zone_of(place),
        page_language=page_language,
        mode=mode,
        listed=listed and bool(name),
        need=need,
        need_state=Need.ASKED if need else Need.NONE,
        state=state,
        at=now,
        waiting_since=None if takes else now,
        seed=made_from,
        receipt=hash_of(code_from(made_from)),
    )
    reminding.ready(session)
    journal.record("registration.made", by=by if own else None, what=registration, public=False)
    waiting.show_anew(session)
    letters.confirm(registration, rank)
    if need:
        _tell_hosts(session)
    if own:
        return Registered(state, rank, made_from, True)
    return _slip(session, seed, state, rank)


def _slip(session: Session, seed: str, state: str, rank: int | None) -> Registered:
    receipt = hash_of(code_from(seed))
    Slip.objects.create(
        session=session, seed=seed, receipt=receipt, state=state, rank=rank, at=timezone.now()
    )
    return Registered(state, rank, seed, False)


def is_own_address(by: Visitor, email: str) -> bool:
    """Whether who signed in has proved this address."""
    if by.person_id is None:
        return False
    proved = EmailAddress.objects.filter(user_id=by.person_id, verified=True)
    return email.lower() in {address.lower() for address in proved.values_list("email", flat=True)}


def _take_over(registration: Registration, by: Visitor) -> None:
    """What was registered without an account, with an address that somebody has proved since, is that person's."""
    if registration.person_id != by.person_id or not registration.email_confirmed:
        registration.person_id, registration.email_confirmed = by.person_id, True
        registration.save(update_fields=["person", "email_confirmed"])


def held(registration: Registration) -> Registration:
    """The registration as it is now, its session's row locked first: everything here locks in this order."""
    waiting.lock(registration.session)
    return Registration.objects.select_for_update().select_related("session").get(pk=registration.pk)


@transaction.atomic
def change(
    registration: Registration,
    *,
    name: str,
    body_kind: str,
    place: Place | None,
    zone: str,
    mode: str,
    listed: bool,
    need: str,
) -> Registration:
    """Change what one told. Another way of taking part needs a place of that kind: else `Full`, and nothing changes."""
    now = timezone.now()
    mine = held(registration)
    if (
        mine.state not in Registration.ACTIVE
        or mine.erased_at
        or waiting.why_closed(mine.session, now) in {"past", "cancelled"}
    ):
        raise Ended
    if mode and mode != mine.mode and mode in waiting.modes_of(mine.session):
        _change_mode(mine, mode)
    if need != mine.need:
        mine.need, mine.need_answer = need, ""
        mine.need_state = Need.ASKED if need else Need.NONE
    told_need = mine.need_state == Need.ASKED and need != registration.need
    mine.name, mine.body_kind, mine.place, mine.zone = name, body_kind, place, zone or zones.zone_of(place)
    mine.listed, mine.email_confirmed = listed and bool(name), True
    mine.version += 1
    mine.save()
    waiting.show_anew(mine.session)
    waiting.fill(mine.session, at=now)
    if told_need:
        _tell_hosts(mine.session)
    mine.refresh_from_db()
    return mine


def _change_mode(mine: Registration, mode: str) -> None:
    places = waiting.places_of(mine.session)
    if mine.state == State.WAITING:
        mine.mode = mode
        if places.takes(mode):
            # Whoever waits before could not take this place: else it would have been offered.
            mine.state, mine.waiting_since = State.COMING, None
            letters.confirm(mine)
        return
    if mode == Mode.HERE and places.here is not None and places.here <= 0:
        raise Full
    mine.mode = mode


@transaction.atomic
def cancel(registration: Registration) -> Registration:
    """Give the place back: it goes on to who waits, and what one told is erased at once. Twice is once."""
    mine = held(registration)
    if mine.state not in Registration.ACTIVE:
        return mine
    if waiting.why_closed(mine.session, timezone.now()) == "past":
        raise Ended
    mine.state, mine.offer_until, mine.waiting_since = State.CANCELLED, None, None
    letters.cancelled(mine)
    _blank(mine)
    mine.save()
    journal.record("registration.cancelled", by=None, what=mine, public=False)
    waiting.show_anew(mine.session)
    waiting.fill(mine.session)
    return mine


@transaction.atomic
def stop_mails(registration: Registration) -> None:
    """No more reminders; what changes the session itself, or one's place, is still told."""
    Registration.objects.filter(pk=registration.pk).update(mails_stopped=True)


@transaction.atomic
def send_mails_again(registration: Registration) -> None:
    Registration.objects.filter(pk=registration.pk).update(mails_stopped=False)


@transaction.atomic
def answer_need(registration: Registration, *, by: Visitor, state: str, words: str = "") -> Registration:
    """Say how far an access need is; the person is told when it is met, or cannot be, which needs words."""
    require(may_answer_needs(by, registration.session))
    mine = held(registration)
    if not mine.need or mine.state not in Registration.ACTIVE:
        raise Ended
    if state == Need.NOT_MET and not words.strip():
        raise ValueError("what cannot be met needs words")
    if (mine.need_state, mine.need_answer) == (state, words):
        return mine
    mine.need_state, mine.need_answer = state, words
    mine.version += 1
    mine.save(update_fields=["need_state", "need_answer", "version"])
    journal.record("registration.need_answered", by=by, what=mine, details={"state": state}, public=False)
    if state in {Need.MET, Need.NOT_MET}:
        letters.need_answered(mine, f"{state}:{mine.version}")
    return mine


def open_needs(session: Session) -> int:
    """How many needs of those who come have no answer."""
    rows = session.registrations.active().filter(need_state__in=[Need.ASKED, Need.WORKING])
    return rows.count()


def _tell_hosts(session: Session) -> None:
    count = open_needs(session)
    letters.needs_wait(session, count, f"told:{timezone.now().isoformat(timespec='seconds')}")


@transaction.atomic
def record_export(session: Session, *, by: Visitor, form: str, count: int) -> None:
    """The list was taken out: who, when, in which form and how many rows (B4 X)."""
    journal.record(
        "registrations.exported", by=by, what=session, details={"format": form, "rows": count}, public=False
    )


def _blank(registration: Registration) -> None:
    """Take out whatever could tell who it is; that somebody registered, how and from where, stays for the figures."""
    registration.email = registration.name = registration.need = registration.need_answer = ""
    registration.zone = ""
    registration.listed = registration.email_confirmed = False
    registration.erased_at = timezone.now()


def forget_old() -> int:
    """Erase addresses, names and needs sixty days after the session; certificates stay, with the name wished for."""
    now, done = timezone.now(), 0
    old = Registration.objects.filter(session__ends_at__lt=now - KEPT, erased_at__isnull=True)
    for pk in list(old.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        with transaction.atomic():
            registration = Registration.objects.select_for_update().get(pk=pk)
            _blank(registration)
            registration.save()
            letters.forget(registration)
        done += 1
    Slip.objects.filter(session__ends_at__lt=now).delete()
    return done


def of_person(person: Person) -> Q:
    """A person's own: made with the account, or with an address that this person has proved."""
    proved = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return Q(person=person) | Q(email__in=[address.lower() for address in proved])


def forget_person(person: Person) -> None:
    """An account ends: places to come are given back, and nothing of the past tells who it was."""
    now = timezone.now()
    for registration in (
        Registration.objects.filter(of_person(person)).select_related("session").order_by("pk")
    ):
        if registration.state in Registration.ACTIVE and registration.session.ends_at > now:
            cancel(registration)
        mine = held(registration)
        _blank(mine)
        mine.person, mine.certificate_name = None, ""
        mine.save()
        letters.forget(mine)
