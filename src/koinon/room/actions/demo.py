"""An invented hour that is live now, to try a room, its desk and its wall. Marked as invented wherever it stands.

It begins anew when it is over, so that whoever looks finds it live; what visitors said in it goes with it.
"""

import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from koinon.agenda.models import Segment, Session
from koinon.journal import actions as journal
from koinon.network.actions.demo import PREFIX, SOURCE
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.questions.actions.receipts import code_from
from koinon.questions.models.questions import hash_of
from koinon.room import state, voices
from koinon.room.models import Ballot, Contribution, Poll, Room, Vote
from koinon.room.models.rooms import new_key

CODE = "DEMOLIVE"
SEGMENTS = (
    (Segment.Kind.TALK, "The centre in short", 10),
    (Segment.Kind.EXCHANGE, "Three towns tell", 30),
    (Segment.Kind.QA, "Questions and answers", 20),
)
# Text, language, place, votes, kind, state; the second and third are wordings of the first.
SAID = (
    ("Which centre does a small municipality call first?", "en", "MT", 14, "question", "stage"),
    ("A quale centro si rivolge per primo un piccolo comune?", "it", "ITH5", 6, "question", "merged"),
    ("Σε ποιο κέντρο απευθύνεται πρώτα ένας μικρός δήμος;", "el", "EL63", 5, "question", "merged"),
    ("Darf eine Stadt ohne Partnerschaft am Austausch teilnehmen?", "de", "DED5", 11, "question", "ready"),
    ("Czy prezentacje będą dostępne po spotkaniu?", "pl", "PL51", 4, "question", "open"),
    ("Who pays the travel to a visit among peers?", "en", "IE04", 3, "question", "open"),
    ("Will the slides be in French?", "en", "FRK2", 2, "question", "answered"),
    ("Quand ouvre le prochain appel ?", "fr", "FRK2", 0, "question", "new"),
    (
        "Two villages share one officer three days a week; a letter was enough.",
        "en",
        "PL51",
        9,
        "experience",
        "open",
    ),
    (
        "Abbiamo scritto il bando insieme alle cooperative del quartiere.",
        "it",
        "ITH5",
        7,
        "experience",
        "open",
    ),
    ("We lend our room for workshops, forty seats, on Fridays.", "en", "MT", 2, "offer", "open"),
)
MARK = " (invented)"


@transaction.atomic
def add() -> None:
    """Make the hour, or let it begin anew where it is over. While it runs, nothing changes."""
    host = Organisation.objects.filter(slug__startswith=PREFIX).order_by("slug").first()
    before = Session.objects.filter(code=CODE, is_demo=True).first()
    if host is None or (before is not None and before.ends_at > timezone.now()):
        return
    if before is not None:
        _wipe(before)
    else:
        before = _announce(host)
    _begin(before)


@transaction.atomic
def remove() -> None:
    """Take the hour away, with all that was said in it."""
    for session in Session.objects.filter(is_demo=True):
        _wipe(session)
        journal.record("demo.removed", by=None, what=session)
        session.delete()


def renew() -> None:
    """The tick's part: an hour that is over begins anew, as long as invented content is there."""
    if Session.objects.filter(code=CODE, is_demo=True, ends_at__lte=timezone.now()).exists():
        add()


def _announce(host: Organisation) -> Session:
    session = Session(
        code=CODE,
        title="Demonstration: what is there for small towns" + MARK,
        lead="An invented hour, to try a room. It begins anew each hour; nothing said here is kept." + MARK,
        outline="Ask, vote, answer the poll: all of it is invented, and goes when the hour begins anew."
        + MARK,
        theme="Demonstration",
        organiser=host,
        spoken=["en"],
        published=True,
        holds_questions=False,
        takes_registrations=False,
        is_demo=True,
        sources=[SOURCE],
        minutes=sum(minutes for _kind, _title, minutes in SEGMENTS),
    )
    _set_time(session)
    for position, (kind, title, minutes) in enumerate(SEGMENTS):
        Segment.objects.create(session=session, position=position, kind=kind, title=title, minutes=minutes)
    journal.record("demo.added", by=None, what=session)
    return session


def _set_time(session: Session) -> None:
    """It began twelve minutes ago."""
    began = (timezone.now() - timedelta(minutes=12)).astimezone(ZoneInfo(session.zone))
    session.day, session.begins, session.fold = began.date(), began.time().replace(microsecond=0), began.fold
    session.state = Session.State.LIVE
    session.save()


def _wipe(session: Session) -> None:
    room = Room.objects.filter(session=session).first()
    if room is not None:
        room.stage = room.poll = None
        room.save(update_fields=["stage", "poll"])
        room.contributions.exclude(merged_into=None).delete()
        room.contributions.all().delete()
        room.polls.all().delete()
        room.deeds.all().delete()


def _begin(session: Session) -> None:
    now = timezone.now()
    _set_time(session)
    segments = list(session.segments.all())
    room, _new = Room.objects.update_or_create(
        session=session,
        defaults={
            "state": Room.State.OPEN,
            "holds": False,
            "takes_questions": True,
            "segment": segments[1],
            "segment_since": now - timedelta(minutes=2),
            "opened_at": now - timedelta(minutes=12),
            "closed_at": None,
            "key": new_key(),
        },
    )
    rows = [_say(room, *one) for one in SAID]
    for wording in rows[1:3]:
        wording.merged_into = rows[0]
        wording.save(update_fields=["merged_into", "state"])
    room.stage, room.stage_since = rows[0], now - timedelta(seconds=40)
    room.poll = _poll(room)
    room.save()
    state.tell_room(room)
    state.tell_stage(room)
    journal.record("demo.begun", by=None, what=session)


def _say(
    room: Room, text: str, language: str, place: str, votes: int, kind: str, standing: str
) -> Contribution:
    seed = secrets.token_hex(16)
    merged = standing == Contribution.State.MERGED
    row = Contribution.objects.create(
        room=room,
        kind=kind,
        text=text + MARK,
        language=language,
        place=Place.objects.filter(pk=place).first(),
        at=timezone.now() - timedelta(minutes=secrets.randbelow(10)),
        voice=voices.hash_of(room, voices.new()),
        may_quote=True,
        state=Contribution.State.OPEN if merged else standing,
        votes=votes,
        key=secrets.token_hex(32),
        body=secrets.token_hex(32),
        seed=seed,
        receipt=hash_of(code_from(seed)),
    )
    if standing == Contribution.State.ANSWERED:
        row.answer, row.answer_language, row.answered_at = "Yes, within a week" + MARK, "en", timezone.now()
        row.save()
    if merged:
        row.state = Contribution.State.MERGED
    Vote.objects.bulk_create(
        [Vote(contribution=row, voice=voices.hash_of(room, voices.new())) for _ in range(votes)]
    )
    return row


def _poll(room: Room) -> Poll:
    poll = Poll.objects.create(
        room=room,
        kind=Poll.Kind.SINGLE,
        text="Have you spoken with your managing authority this year?" + MARK,
        options=["More than once", "Once", "Not yet", "I do not know who it is"],
        state=Poll.State.OPEN,
        opened_at=timezone.now(),
    )
    Ballot.objects.bulk_create(
        [
            Ballot(poll=poll, voice=voices.hash_of(room, voices.new()), choices=[choice])
            for choice in [0] * 9 + [1] * 6 + [2] * 8 + [3] * 4
        ]
    )
    return poll
