"""What is held, agreed or answered here stands in the log once, follows what it records, and leaves a person's correction alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from koinon.agenda.models import Registration, Session
from koinon.agenda.testing import make_registration, make_session
from koinon.courses.testing import make_cohort, make_course, make_enrolment
from koinon.journal import versions
from koinon.journal.models import Entry
from koinon.network.models import Role
from koinon.network.testing import make_organisation, make_visitor
from koinon.peers.testing import make_exchange, make_public_exchange
from koinon.places.models import Place
from koinon.questions.models import Answer
from koinon.reports.actions import log, recording
from koinon.reports.actions.log import Said
from koinon.reports.models import Activity
from koinon.reports.words import Kind, Origin

pytestmark = pytest.mark.django_db
State = Session.State


def held(came: int = 0, **more: object) -> Session:
    """A session of yesterday to which so many came."""
    session = make_session(**more)  # type: ignore[arg-type]
    rows = [make_registration(session) for _ in range(came)]
    day = timezone.localdate() - timedelta(days=1)
    session.day, session.state = day, State.ENDED
    session.save()
    Registration.objects.filter(pk__in=[row.pk for row in rows]).update(attended_at=timezone.now())
    return session


def test_a_session_held_records_itself_once() -> None:
    session = held(came=3, title="What is there for Malta")
    session.places.set(Place.objects.filter(pk="MT"))

    made = [recording.record_all() for _ in range(3)]

    assert made == [1, 0, 0]
    row = Activity.objects.get()
    assert (row.organisation, row.kind, row.title) == (session.organiser, Kind.SESSION, session.title)
    assert (row.last_day, row.countries, row.participants) == (session.day, ["MT"], 3)
    assert (row.origin, row.link) == (Origin.HOUSE, session.get_absolute_url())
    assert list(Entry.objects.filter(verb="activity.recorded").values_list("actor", flat=True)) == [""]


def test_the_log_is_on_no_public_page_and_renews_none() -> None:
    held()
    before = versions.look()

    recording.record_all()
    manager = make_visitor(Role.Kind.MANAGER, Activity.objects.get().organisation)
    log.withdraw(Activity.objects.get(), by=manager, because="Nobody came.")

    assert versions.look() == before


def test_nobody_counted_stays_unknown() -> None:
    held(came=0)

    recording.record_all()

    assert Activity.objects.get().participants is None


@pytest.mark.parametrize(
    "more",
    [
        {"state": State.CANCELLED, "cancelled_because": "Snow."},
        {"state": State.PLANNED},
        {"state": State.LIVE},
        {"state": State.ENDED, "published": False},
    ],
)
def test_what_was_not_held_is_not_recorded(more: dict[str, object]) -> None:
    make_session(**more)  # type: ignore[arg-type]

    assert recording.record_all() == 0


def test_a_changed_session_changes_its_record() -> None:
    session = held()
    recording.record_all()
    session.title = "Another title"
    session.save()

    assert recording.record_all() == 1

    row = Activity.objects.get()
    assert (row.title, row.version, row.corrected) == ("Another title", 2, False)


def test_a_correction_stays_and_the_record_says_that_the_house_says_otherwise() -> None:
    session = held()
    recording.record_all()
    row = Activity.objects.get()
    manager = make_visitor(Role.Kind.MANAGER, session.organiser)
    said = Said(row.kind, "As a person knows it", "en", row.first_day, row.last_day, participants=40)
    row = log.change(row, said, by=manager, version=row.version)
    assert (row.corrected, row.house_has_moved) == (True, False)

    session.title = "What the house says now"
    session.save()
    recording.record_all()

    row.refresh_from_db()
    assert (row.title, row.participants, row.house_has_moved) == ("As a person knows it", 40, True)

    row = log.follow_the_house(row, by=manager, version=row.version)

    assert (row.title, row.participants, row.corrected) == ("What the house says now", None, False)
    assert recording.record_all() == 0


def test_what_is_gone_counts_no_more_and_comes_back_with_what_it_records() -> None:
    body = make_organisation()
    words = {"asked": "Who?", "text": "She.", "language": "en", "asked_language": "en"}
    answer = Answer.objects.create(body=body, **words)
    recording.record_all()

    Answer.objects.filter(pk=answer.pk).update(withdrawn_at=timezone.now(), withdrawn_because="wrong")
    assert recording.record_all() == 1
    row = Activity.objects.get()
    assert (row.is_counted, row.gone, row.kind) == (False, True, Kind.ANSWER)

    Answer.objects.filter(pk=answer.pk).update(withdrawn_at=None, withdrawn_because="")
    assert recording.record_all() == 1
    row.refresh_from_db()
    assert (row.is_counted, row.gone) == (True, False)


def test_what_a_person_withdrew_stays_withdrawn() -> None:
    session = held()
    recording.record_all()
    manager = make_visitor(Role.Kind.MANAGER, session.organiser)
    log.withdraw(Activity.objects.get(), by=manager, because="Nobody came.")
    session.title = "Another title"
    session.save()

    recording.record_all()
    Session.objects.filter(pk=session.pk).update(published=False)
    recording.record_all()

    row = Activity.objects.get()
    assert (row.is_counted, row.gone, row.withdrawn_because) == (False, False, "Nobody came.")


def test_an_exchange_with_a_result_stands_in_the_log_of_both_bodies() -> None:
    exchange = make_public_exchange()

    recording.record_all()
    recording.record_all()

    rows = {row.organisation: row for row in Activity.objects.all()}
    first, second = exchange.first_organisation, exchange.second_organisation
    assert set(rows) == {first, second}
    assert first is not None
    assert second is not None
    assert (rows[first].title, rows[first].partners) == (exchange.title, [second.name])
    assert rows[second].partners == [first.name]


def test_of_an_exchange_that_is_not_public_only_that_there_was_one() -> None:
    exchange = make_exchange(title="Between us", outcome="helped", result="Ours.", result_at=timezone.now())

    recording.record_all()

    for row in Activity.objects.all():
        assert (row.kind, row.title, row.partners, row.link) == (Kind.EXCHANGE, "", [], "")
        assert exchange.title not in str(row.house)
    assert Activity.objects.count() == 2


def test_an_exchange_without_a_result_is_not_recorded() -> None:
    make_exchange()

    assert recording.record_all() == 0


def test_a_course_is_held_when_its_dates_are_over_and_tells_of_learners_in_fives() -> None:
    course = make_course()
    cohort = make_cohort(course, days=-30)
    for _ in range(7):
        make_enrolment(course, cohort=cohort)
    make_cohort(course, days=30)

    recording.record_all()

    row = Activity.objects.get()
    assert (row.organisation_id, row.kind, row.last_day) == (course.organiser_id, Kind.COURSE, cohort.ends_on)
    assert (row.participants, row.at_least) == (5, True)


def test_a_correction_that_leaves_the_number_alone_leaves_it_at_least() -> None:
    course = make_course()
    cohort = make_cohort(course, days=-30)
    for _ in range(7):
        make_enrolment(course, cohort=cohort)
    recording.record_all()
    row = Activity.objects.get()
    manager = make_visitor(Role.Kind.MANAGER, course.organiser)
    said = Said(row.kind, "As a person calls it", "en", row.first_day, row.last_day, participants=5)

    row = log.change(row, said, by=manager, version=row.version)
    assert (row.title, row.participants, row.at_least) == ("As a person calls it", 5, True)

    counted = Said(row.kind, row.title, "en", row.first_day, row.last_day, participants=7)
    row = log.change(row, counted, by=manager, version=row.version)
    assert (row.participants, row.at_least) == (7, False)


def test_the_clock_looks_again_when_the_data_changed() -> None:
    recording.run()
    held()
    recording.run()
    assert Activity.objects.count() == 0

    versions.raise_()
    versions.look()
    recording.run()

    assert Activity.objects.count() == 1
