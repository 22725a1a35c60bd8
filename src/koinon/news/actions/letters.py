"""Newsletters: written by one person, released by another, queued once for each who asked for it and fits the segment.

The mails are queued and the letter's place among the followers moved in the same transaction, as in a digest run.
"""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from koinon.base.languages import in_language
from koinon.base.visitor import Visitor, require
from koinon.courses.figures import Total
from koinon.journal import actions as journal
from koinon.journal.once import once
from koinon.mail import actions as mail
from koinon.mail.bounces import bouncing_among
from koinon.network.actions.roles import site
from koinon.network.models import Organisation
from koinon.news import subjects
from koinon.news.codes import page_of
from koinon.news.models import Follow, Follower, Letter
from koinon.news.permissions import may_change_letter, may_draft_letter, may_release, may_stop
from koinon.people.models import Person

LETTER_MAIL = "news/mail/newsletter"
_BATCH = 100
State = Letter.State


class Changed(Exception):
    """Somebody else changed it meanwhile."""


class TooFew(Exception):
    """The segment holds so few people that a letter to it would tell who they are."""


def recipients(letter: Letter) -> "QuerySet[Follower]":
    """The confirmed subscribers of its body's newsletter who fit the segment, as it is now."""
    confirmed = Follow.objects.confirmed().filter(follower=OuterRef("pk"))
    rows = Follower.objects.confirmed().filter(
        Exists(confirmed.filter(kind=subjects.LETTER, key=letter.organisation.slug))
    )
    if letter.place is not None:
        within = confirmed.filter(kind=subjects.PLACE)
        code = letter.place.code
        if letter.place.kind == "locality":
            within = within.filter(key=code)
        elif code != "EU":
            # Followers of the place, and of what lies in it: NUTS codes nest by their letters.
            from koinon.places.models import Place

            inside = Place.objects.filter(kind="locality", parent__code__startswith=code).values("code")
            within = within.filter(key__startswith=code) | within.filter(key__in=inside)
        rows = rows.filter(Exists(within))
    if letter.topic:
        rows = rows.filter(Exists(confirmed.filter(kind=subjects.TOPIC, key=letter.topic)))
    if letter.reads:
        rows = rows.filter(language=letter.reads)
    if letter.body_kind:
        rows = rows.filter(body_kind=letter.body_kind)
    return rows.order_by("pk")


def has_segment(letter: Letter) -> bool:
    return bool(letter.place_id or letter.topic or letter.reads or letter.body_kind)


def count(letter: Letter) -> Total:
    """How many would get it, as it is told before it is sent: fewer than five, or at least the next five below.

    Of two segments that are nearly the same, the numbers do not tell whether one person is in one of them.
    """
    return Total.of(recipients(letter).count())


@transaction.atomic
def draft(*, by: Visitor, organisation: Organisation, nonce: str = "", **told: Any) -> Letter:
    """Begin a newsletter of a body. The same words sent twice from one form (`nonce`) are one letter."""
    require(may_draft_letter(by, organisation))
    words = f"{told['title']}\x1f{told['text']}"
    key = f"newsletter.draft:{by.person_id}:{organisation.pk}:{nonce}:{words}" if nonce else ""
    made = once(key, "", lambda: {"pk": _draft(by, organisation, told).pk})
    return Letter.objects.filter(pk=made["pk"]).first() or _draft(by, organisation, told)


def _draft(by: Visitor, organisation: Organisation, told: dict[str, Any]) -> Letter:
    letter = Letter.objects.create(organisation=organisation, author_id=by.person_id, **told)
    journal.record("newsletter.drafted", by=by, what=letter, public=False)
    return letter


@transaction.atomic
def change(letter: Letter, *, by: Visitor, version: int, **told: Any) -> Letter:
    """Write on it. Who writes last is its author, whom another has to follow; what waited goes back to being a draft."""
    require(may_change_letter(by, letter))
    done = Letter.objects.filter(pk=letter.pk, version=version, state__in=[State.DRAFT, State.READY]).update(
        **told, author=by.person_id, state=State.DRAFT, version=version + 1
    )
    if not done:
        raise Changed
    journal.record("newsletter.changed", by=by, what=letter, public=False)
    return Letter.objects.get(pk=letter.pk)


@transaction.atomic
def hand_over(letter: Letter, *, by: Visitor, version: int) -> Letter:
    """It is ready: a second person may release it. Doing it twice changes nothing."""
    require(may_change_letter(by, letter))
    if letter.state == State.READY and letter.version == version:
        return letter
    done = Letter.objects.filter(pk=letter.pk, version=version, state=State.DRAFT).update(
        state=State.READY, version=version + 1
    )
    if not done:
        raise Changed
    journal.record("newsletter.ready", by=by, what=letter, public=False)
    return Letter.objects.get(pk=letter.pk)


@transaction.atomic
def try_out(letter: Letter, *, by: Visitor, person: Person) -> None:
    """A test letter to oneself and nobody else."""
    require(may_change_letter(by, letter))
    context = _context(letter, person.language or letter.language, "", "")
    mail.send(
        person.email,
        LETTER_MAIL,
        context | {"is_test": True},
        language=letter.language,
        html=_html(letter, context | {"is_test": True}),
    )


@transaction.atomic
def release(letter: Letter, *, by: Visitor, version: int) -> Letter:
    """A second person, who answers for the body, has it sent. It is sent once: releasing twice changes nothing."""
    if letter.state in {State.SENDING, State.SENT}:
        return letter
    require(may_release(by, letter))
    if has_segment(letter) and count(letter).is_few:
        raise TooFew
    done = Letter.objects.filter(pk=letter.pk, version=version, state=State.READY).update(
        state=State.SENDING, released_by=by.person_id, released_at=timezone.now(), version=version + 1
    )
    if not done:
        raise Changed
    row = Letter.objects.get(pk=letter.pk)
    journal.record("newsletter.released", by=by, what=row)
    return row


@transaction.atomic
def stop(letter: Letter, *, by: Visitor) -> None:
    """No further mail of it goes; one that was not released is thrown away. What went is in the archive."""
    row = (
        Letter.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(pk=letter.pk)
        .first()
    )
    if row is None:
        return
    # As it stands now: what somebody has released since is stopped, not thrown away.
    require(may_stop(by, row))
    if row.state in {State.DRAFT, State.READY}:
        journal.record("newsletter.deleted", by=by, what=row, public=False)
        row.delete()
        return
    row.state, row.ended_at = State.STOPPED, timezone.now()
    row.save(update_fields=["state", "ended_at"])
    from koinon.mail.models import Outbox

    waiting = Outbox.objects.filter(key__endswith=f":{letter.pk}", key__startswith="newsletter:")
    waiting.untouched().delete()
    journal.record("newsletter.stopped", by=by, what=row)


def send_due(most: int = 1000) -> int:
    """Queue what was released, a hundred at a time; returns how many mails were queued."""
    queued = 0
    for pk in list(Letter.objects.filter(state=State.SENDING).order_by("pk").values_list("pk", flat=True)):
        while queued < most and (went := _some(pk)) is not None:
            queued += went
    return queued


@transaction.atomic
def _some(pk: int) -> int | None:
    """The next hundred of one letter; None when it is at its end, stopped, or another process is at it."""
    letter = (
        Letter.objects.select_for_update(of=("self",))
        .select_related("organisation", "place")
        .filter(pk=pk, state=State.SENDING)
        .first()
    )
    if letter is None:
        return None
    # Who stops at this moment waits until these are queued, and takes with it what is queued for it.
    waiting = recipients(letter).select_for_update(of=("self",)).filter(pk__gt=letter.last_follower)
    batch = list(waiting[:_BATCH])
    if not batch:
        Letter.objects.filter(pk=pk, state=State.SENDING).update(state=State.SENT, ended_at=timezone.now())
        return None
    bouncing = bouncing_among([follower.address for follower in batch])
    went = 0
    for follower in batch:
        if follower.address not in bouncing:
            went += _send(letter, follower)
    Letter.objects.filter(pk=pk, last_follower=letter.last_follower).update(
        last_follower=batch[-1].pk, recipients=letter.recipients + went
    )
    return went


def _send(letter: Letter, follower: Follower) -> int:
    context = _context(letter, follower.language, page_of(follower), page_of(follower, "stop"))
    sent = mail.send(
        follower.address,
        LETTER_MAIL,
        context,
        language=follower.language,
        key=f"newsletter:{follower.pk}:{letter.pk}",
        stop=context["stop"],
        html=_html(letter, context, follower.language),
        bulk=True,
    )
    return int(sent is not None)


def _html(letter: Letter, context: dict[str, Any], language: str = "") -> str:
    with translation.override(language or letter.language):
        return render_to_string(f"{LETTER_MAIL}_message.html", context)


def _context(letter: Letter, language: str, page: str, stop: str) -> dict[str, Any]:
    return {
        "letter": letter,
        "language": language,
        "paragraphs": [part.strip() for part in letter.text.split("\n\n") if part.strip()],
        "day": timezone.localdate(),
        "archive": site() + in_language(f"/news/letters/{letter.pk}/", language),
        "page": page,
        "stop": stop,
        "is_test": False,
    }
