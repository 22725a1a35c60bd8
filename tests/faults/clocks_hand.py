"""All clocks of the house in eight processes at the same moment: `python -m tests.faults.clocks_hand MANY` says what came of it.

Of everything that waits for a clock there are so many. The processes go round the clocks together, half of them half a round
ahead, so that each clock meets itself and others; what each was to do is counted by its mails and its entries of the journal.
"""

import json
import multiprocessing
import re
import sys
from collections import Counter
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402  Django first
from django.core.management import call_command  # noqa: E402
from django.db import OperationalError, connection, connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench._server import free_port  # noqa: E402
from koinon.agenda.models import Registration, Reminder, Session, Speaker  # noqa: E402
from koinon.agenda.testing import make_registration, make_session  # noqa: E402
from koinon.base import ticking  # noqa: E402
from koinon.calls.models import Call  # noqa: E402
from koinon.calls.testing import make_call  # noqa: E402
from koinon.courses.models import Enrolment  # noqa: E402
from koinon.courses.testing import make_cohort, make_course, make_enrolment  # noqa: E402
from koinon.journal import actions as journal  # noqa: E402
from koinon.journal.models import Entry as Written  # noqa: E402
from koinon.live.models import Change  # noqa: E402
from koinon.mail.models import Outbox  # noqa: E402
from koinon.minutes.models import Pledge, Report  # noqa: E402
from koinon.network.models import Organisation  # noqa: E402
from koinon.network.testing import make_organisation, make_visitor  # noqa: E402
from koinon.news.testing import make_follower  # noqa: E402
from koinon.peers.deadlines import call_key  # noqa: E402
from koinon.peers.reviews.testing import make_past_review, make_review  # noqa: E402
from koinon.peers.testing import make_entry, make_exchange, make_introduction  # noqa: E402
from koinon.peers.words import ASK_AFTER, Kind  # noqa: E402
from koinon.people.testing import make_person  # noqa: E402
from koinon.places.models import Place  # noqa: E402
from koinon.questions.life import State  # noqa: E402
from koinon.questions.models import Question, Step  # noqa: E402
from koinon.questions.testing import make_desk, make_question  # noqa: E402
from koinon.reports.models import Activity  # noqa: E402
from koinon.room.models import Poll, Room  # noqa: E402
from koinon.room.testing import make_room  # noqa: E402
from koinon.spaces.models import Member  # noqa: E402
from koinon.spaces.testing import make_host, make_member, make_post, make_space, make_thread  # noqa: E402
from koinon.webhooks.testing import make_hook, receiving  # noqa: E402
from tests.faults.crowd import ready  # noqa: E402

PROCESSES = 8
HOOKS = 2
AGAIN = 5
"""A database of which another process holds the only lock for too long is asked again, as the next minute's tick does."""
NOW = timezone.now()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = timezone.localdate()
_State = Registration.State


def body(**more: Any) -> Organisation:
    """A body with somebody who manages it."""
    made = make_organisation(**more)
    make_visitor("manager", made)
    return made


def of_calls() -> None:
    make_call(keeper=body(), closes=NOW - DAY)
    make_call(keeper=body(), opens_on=TODAY, opened=False)


def of_peers() -> None:
    make_entry(Kind.OFFER, organisation=body(), until=TODAY - DAY)
    moved, gone = make_call(keeper=body()), make_call(keeper=body(), state=Call.State.WITHDRAWN)
    for call in (moved, gone):
        make_entry(Kind.PARTNERS, organisation=body(), call_key=call_key(call), until=TODAY + 3 * DAY)
    two = make_introduction(
        make_entry(Kind.OFFER, organisation=body()), make_entry(Kind.NEED, organisation=body())
    )
    make_exchange(two, begins_on=TODAY - ASK_AFTER - DAY, ends_on=TODAY - ASK_AFTER - DAY)
    make_review(body(), call_until=TODAY - DAY)
    make_past_review(body(), days=220)


def of_courses() -> None:
    """A seat that came free, and an offer that nobody took."""
    free, over = (make_cohort(make_course(organiser=body()), capacity=1) for _ in range(2))
    make_enrolment(free.course, cohort=free, state=Enrolment.State.WAITING, waiting_since=NOW)
    make_enrolment(over.course, cohort=over, state=Enrolment.State.OFFERED, offer_until=NOW - HOUR)
    make_enrolment(over.course, cohort=over, state=Enrolment.State.WAITING, waiting_since=NOW)


def of_sessions() -> None:
    make_session(organiser=body(), starts=NOW - 3 * DAY)
    full = make_session(organiser=body(), starts=NOW + 7 * DAY, capacity=1)
    late, _next = make_registration(full), make_registration(full)
    Registration.objects.filter(pk=late.pk).update(state=_State.OFFERED, offer_until=NOW - HOUR)
    soon = make_session(organiser=body(), starts=NOW + HOUR / 2)
    Reminder.objects.create(session=soon, minutes_before=60)
    told = make_registration(soon)
    Registration.objects.filter(pk=told.pk).update(at=NOW - DAY)
    needs = make_registration(make_session(organiser=body(), starts=NOW + 2 * DAY + HOUR), need="A ramp.")
    Registration.objects.filter(pk=needs.pk).update(need_state=Registration.Need.ASKED)
    Speaker.objects.create(
        session=make_session(organiser=body(), starts=NOW + 9 * DAY),
        name="Ana",
        email=make_person().email,
        state=Speaker.State.ACCEPTED,
        slides_due=TODAY + DAY,
    )


def of_rooms() -> None:
    """A room without a report, a promise that is due, a poll whose time is over."""
    held: dict[str, Any] = {"state": Session.State.ENDED, "starts": NOW - 2 * DAY}
    make_room(make_session(organiser=body(), **held), state=Room.State.CLOSED, closed_at=NOW - HOUR)
    report = Report.objects.create(
        session=make_session(organiser=body(), **held), drafted_at=NOW, changed_at=NOW
    )
    Pledge.objects.create(report=report, text="A list of all centres.", due=TODAY + DAY)
    Poll.objects.create(
        room=make_room(),
        text="Which way?",
        options=["This", "That"],
        state=Poll.State.OPEN,
        closes_at=NOW - HOUR,
    )


def of_spaces() -> None:
    """A space whose host is locked out, and somebody who is told once a day."""
    left = make_space(body())
    make_host(left, make_person(is_active=False))
    make_member(left)
    talks = make_space(body())
    host = make_host(talks, mail=Member.Mail.NONE)
    make_member(talks, mail=Member.Mail.DAILY, digest_at=NOW - HOUR)
    make_post(make_thread(talks), host)


def of_questions() -> None:
    """One that nobody answered in time, and one of which the day is near."""
    for due in (TODAY - DAY, TODAY):
        desk, _who = make_desk()
        asked = make_question(desk=desk)
        Question.objects.filter(pk=asked.pk).update(state=State.TAKEN, due=due, take_by=due)


def of_facts() -> None:
    body(checked_on=TODAY - 800 * DAY, confirmed_on=None)


def of_news() -> None:
    """Somebody who follows a body that announces a session."""
    host = body()
    make_follower("", ("organisation", host.slug))
    session = make_session(organiser=host, starts=NOW + 20 * DAY)
    journal.record("session.published", by=None, what=session)


KINDS = (of_calls, of_peers, of_courses, of_sessions, of_rooms, of_spaces, of_questions, of_facts, of_news)


def prepare(many: int, address: str) -> None:
    ready()
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        for code in ("EU", "IT"):
            Place.objects.get_or_create(
                code=code,
                defaults={
                    "kind": "country",
                    "level": 0,
                    "name": code,
                    "latin": code,
                    "latitude": 0,
                    "longitude": 0,
                },
            )
        hooks = [body() for _ in range(HOOKS)]
        for keeper in hooks:
            make_hook(keeper, address)
        for _ in range(many):
            for make in KINDS:
                make()
        # So that no fact grows old with the years of this file.
        Organisation.objects.filter(checked_on__gt=TODAY - 790 * DAY).update(checked_on=TODAY)
        Outbox.objects.all().delete()


def go_round(number: int, rounds: int, together: Barrier, failed: "multiprocessing.Queue[list[str]]") -> None:
    """One process: every clock in its turn, at the same moment as all others."""
    works = [*ticking.due, *ticking.beside]
    ahead = number % 2 * (len(works) // 2)
    said: list[str] = []
    for step in range(rounds * len(works)):
        work = works[(step + ahead) % len(works)]
        together.wait()
        for again in range(AGAIN):
            try:
                work()
            except OperationalError as busy:
                if connection.vendor == "sqlite" and again < AGAIN - 1:
                    continue
                said.append(f"{work.__module__}.{work.__name__}: {busy!r}")
            except Exception as trouble:
                said.append(f"{work.__module__}.{work.__name__}: {trouble!r}")
            break
    connections.close_all()
    failed.put(said)


def doubled(rows: Any) -> list[str]:
    return sorted(str(row) for row, times in Counter(rows).items() if times > 1)[:5]


def main(many: int) -> dict[str, object]:
    settings.OUTWARD_LOOPBACK = True
    port = free_port()
    prepare(many, f"http://127.0.0.1:{port}/in")
    last = Written.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    connections.close_all()

    fork = multiprocessing.get_context("fork")
    together, failed = fork.Barrier(PROCESSES + 1, timeout=600), fork.Queue()
    # What one tick takes of a kind has a bound, so a larger house needs more of them.
    rounds = 2 + many // 12
    steps = rounds * (len(ticking.due) + len(ticking.beside))
    crowd = [
        fork.Process(target=go_round, args=(number, rounds, together, failed)) for number in range(PROCESSES)
    ]
    for process in crowd:
        process.start()
    with receiving(port) as receiver:
        for _step in range(steps):
            together.wait()
        troubles = [trouble for _ in crowd for trouble in failed.get()]
        for process in crowd:
            process.join()
        taken = [one.id for one in receiver.taken]

    written = list(Written.objects.filter(pk__gt=last).values_list("verb", "thing"))
    files = sorted((settings.DATA / "mail").glob("*")) if (settings.DATA / "mail").is_dir() else []
    sent = re.findall(
        r"^Message-ID: *(\S+)", "\n".join(f.read_text(errors="replace") for f in files), re.M | re.I
    )
    polls = Change.objects.filter(about="poll").values_list("channel", flat=True)
    steps_of = Step.objects.filter(kind=Step.Kind.ESCALATED).values_list("question", flat=True)
    return {
        "failed": troubles[:5],
        "journal": dict(Counter(verb for verb, _thing in written)),
        "written twice": doubled(written),
        "chain": journal.first_broken() is None,
        "mails": dict(
            Counter(kind_of(key or "none") for key in Outbox.objects.values_list("key", flat=True))
        ),
        "mailed twice": doubled(Outbox.objects.values_list("to", "subject", "key")),
        "sent": len(sent),
        "sent twice": doubled(sent),
        "not sent": Outbox.objects.exclude(state=Outbox.State.SENT).count(),
        "polls": [len(polls), len(set(polls))],
        "escalated": [len(steps_of), len(set(steps_of))],
        "activities": Activity.objects.count(),
        "handed over twice": doubled(taken),
        "handed over": len(taken),
    }


def kind_of(key: str) -> str:
    """`peers:over:12:2026-11-27:7` → `peers:over`."""
    return ":".join(part for part in key.split(":") if part.isidentifier() and part.islower())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]))) + "\n")
