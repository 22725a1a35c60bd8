"""Courses beside the rest: the self-check and what it leads to, a place's shelf, the search, what is new, notices."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from koinon.agenda.testing import make_session
from koinon.courses import found, fresh, hooks
from koinon.courses.actions import writing
from koinon.courses.around import courses_around
from koinon.courses.models import SelfCheck
from koinon.courses.testing import forget, make_cohort, make_course, make_translation
from koinon.network.testing import make_visitor
from koinon.notices.subjects import kinds
from koinon.people.testing import come_in
from koinon.places.models import Place
from koinon.practices.testing import make_practice

pytestmark = pytest.mark.django_db


def answers(level: int) -> dict[str, str]:
    return {f"learning-{number}": str(level) for number in range(1, 4)}


def test_the_self_check_leads_on_with_reasons(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_course("Learn from others", competences=["learning"])
    make_practice("They visited each other", topics=("peer-review",))
    make_session("An exchange", format="exchange")
    lead = hooks.Lead("A centre that offers it", "/peers/1/", "It offers to share this competence.")
    monkeypatch.setattr(hooks, "peers", [lambda request, key: [lead] if key == "learning" else []])
    forget()

    page = client.post("/courses/self-check/", answers(0)).content.decode()
    strong = client.post("/courses/self-check/", answers(3)).content.decode()

    for title in ("Learn from others", "They visited each other", "An exchange", "A centre that offers it"):
        assert title in page
        assert title not in strong
    assert "A course that builds this competence; you said “not yet” to: We visited another centre" in page
    assert "A practice told under: peer review." in page
    assert not SelfCheck.objects.exists()
    assert not client.cookies


def test_nothing_is_kept_unless_one_wishes_so(client: Client) -> None:
    ana = make_visitor()
    assert ana.person is not None
    browser = come_in(client, ana.person)

    browser.post("/courses/self-check/", answers(1))
    before = SelfCheck.objects.count()
    kept = browser.post("/courses/self-check/keep/", answers(1))
    browser.post("/courses/self-check/keep/", answers(1))
    other = make_visitor()
    assert other.person is not None
    foreign = come_in(Client(), other.person).get(kept.headers["Location"]).status_code
    browser.post(f"{kept.headers['Location']}remove/")

    assert (before, foreign, SelfCheck.objects.count()) == (0, 404, 0)


@pytest.mark.parametrize("sent", [{"learning-1": "7"}, {"learning-1": "-1"}, {}, {"learning-99": "1"}])
def test_answers_that_are_none_are_refused(client: Client, sent: dict[str, str]) -> None:
    assert client.post("/courses/self-check/", sent).status_code == 422


def test_courses_with_dates_are_known_for_a_place_without_a_query(count_queries: Callable[..., Any]) -> None:
    place = Place.objects.get(pk="MT")
    course = make_course("In Malta")
    course.places.add(place)
    make_cohort(course)
    everywhere = make_cohort(make_course("Everywhere")).course
    forget()

    here = [one.row.slug for one in courses_around(place)]
    elsewhere = [one.row.slug for one in courses_around(Place.objects.get(pk="DE"))]
    with count_queries() as queries:
        courses_around(place)

    assert here == [course.slug, everywhere.slug]
    assert elsewhere == [everywhere.slug]
    assert len(queries) == 0


def test_a_body_s_page_lists_its_courses_and_not_its_drafts(client: Client) -> None:
    course = make_course("Begin on Monday")
    make_course("Still being written", organiser=course.organiser, state="draft")
    other = make_course("Somebody else's")
    forget()

    page = client.get(course.organiser.get_absolute_url()).content.decode()

    assert "Begin on Monday" in page
    assert "Still being written" not in page
    assert other.title not in page


def test_what_everybody_reads_is_found_in_each_language() -> None:
    course, draft = make_course("Begin on Monday", topics=["co-creation"]), make_course(state="draft")
    make_translation(course, "fi")

    [document] = found.documents([course.slug, draft.slug])

    assert [(text.language, text.title, text.state) for text in document.texts] == [
        ("en", "Begin on Monday", "original"),
        ("fi", "Ensimmäinen kurssi", "human"),
    ]
    assert document.topics == ("co-creation",)
    assert "Step 1" in document.texts[0].body


def test_what_is_new_is_told_of_published_ones() -> None:
    course, draft = make_course(), make_course(state="draft")

    told = list(fresh.load([str(course.pk), str(draft.pk)]))

    assert [one.address for one in told] == [f"/courses/{course.slug}/"]


def test_what_is_new_is_told_with_the_next_dates() -> None:
    course = make_course()
    make_cohort(course, days=-60)
    coming = make_cohort(course, days=20)
    make_cohort(course, days=50)

    (told,) = fresh.load([str(course.pk)])

    assert told.on == coming.starts_on


def test_a_course_can_be_reported_and_withdrawn_for_it() -> None:
    course = make_course()
    kind = kinds["course"]

    subject = kind.resolve(course.slug, make_visitor())
    assert kind.withdraw is not None
    assert kind.restore is not None
    kind.withdraw(course.slug, "law", "", make_visitor())
    gone = Client().get(f"/courses/{course.slug}/").status_code
    kind.restore(course.slug, make_visitor())

    assert subject is not None
    assert subject.address == f"/courses/{course.slug}/"
    assert (gone, Client().get(f"/courses/{course.slug}/").status_code) == (410, 200)


def test_what_its_own_people_withdrew_does_not_come_back_with_a_complaint() -> None:
    course = make_course()
    kind = kinds["course"]
    assert kind.withdraw is not None
    assert kind.restore is not None
    writing.withdraw(course, by=make_visitor("manager", course.organiser))

    kind.withdraw(course.slug, "law", "", make_visitor())
    kind.restore(course.slug, make_visitor())

    assert Client().get(f"/courses/{course.slug}/").status_code == 410
