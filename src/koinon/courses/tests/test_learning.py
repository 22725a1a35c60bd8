"""Who learns: one enrolment for every language, progress that nobody else sees, seats and their line, certificates."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from koinon.agenda.testing import make_registration, make_session
from koinon.base.ticking import due
from koinon.courses.actions import certifying, keeping, learning, seats, writing
from koinon.courses.models import Certificate, Course, Enrolment, Module, SelfCheck, Step
from koinon.courses.testing import (
    make_cohort,
    make_course,
    make_enrolment,
    make_module,
    make_quiz,
    make_translation,
    right_answers,
)
from koinon.journal.models import Entry, Version
from koinon.mail.models import Outbox
from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import ANYONE, Visitor
from koinon.people import mine
from koinon.people.actions import erase
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]
State = Enrolment.State


def learner() -> Visitor:
    return make_visitor()


def person_of(visitor: Visitor) -> Person:
    assert visitor.person is not None
    return visitor.person


def states(course: Course) -> list[str]:
    return list(Enrolment.objects.filter(course=course).order_by("pk").values_list("state", flat=True))


# One enrolment, many languages.


def test_a_course_is_finished_in_another_language_than_it_was_begun_in(client: Client) -> None:
    course = make_course(modules=2)
    make_translation(course, "fi")
    make_translation(course, "fi", course.modules.get(number=2))
    ana = learner()
    browser = come_in(client, person_of(ana))

    browser.post(f"/courses/{course.slug}/enrol/")
    browser.post(f"/courses/{course.slug}/1/done/")
    midway = browser.get(f"/fi/courses/{course.slug}/").content.decode()
    browser.post(f"/fi/courses/{course.slug}/2/done/")
    made = browser.post(f"/fi/courses/{course.slug}/certificate/", {"name": ""})

    enrolment = Enrolment.objects.get(person=ana.person_id)
    assert 'value="1"' in midway
    assert [step.language for step in enrolment.steps.order_by("pk")] == ["en", "fi"]
    assert enrolment.finished_at is not None
    assert Certificate.objects.get().title == "Ensimmäinen kurssi"
    assert made.headers["Location"].endswith(f"/courses/certificates/{Certificate.objects.get().number}/")


def test_the_language_that_is_read_is_the_one_in_which_it_is_finished(client: Client) -> None:
    course = make_course(modules=1)
    make_translation(course, "fi")
    ana = learner()
    browser = come_in(client, person_of(ana))

    browser.post(f"/courses/{course.slug}/enrol/")
    browser.post(f"/courses/{course.slug}/1/done/?read=fi")
    browser.post(f"/courses/{course.slug}/certificate/", {"name": ""})

    assert Step.objects.get().language == "fi"
    assert Certificate.objects.get().title == "Ensimmäinen kurssi"


def test_enrolling_twice_is_once(client: Client) -> None:
    course = make_course()
    ana = learner()

    rows = {learning.enrol(course, by=ana, language=language).pk for language in ("en", "fi", "de")}

    assert len(rows) == 1
    assert states(course) == [State.COMING]


def test_nobody_enrols_without_an_account_nor_in_a_draft_nor_when_it_is_closed(client: Client) -> None:
    course, draft = make_course(), make_course(state="draft")
    closed = make_course(takes_learners=False)

    with pytest.raises(PermissionDenied):
        learning.enrol(course, by=ANYONE, language="en")
    browser = come_in(client, person_of(learner()))
    answers = [browser.post(f"/courses/{one.slug}/enrol/").status_code for one in (draft, closed)]

    assert answers == [404, 409]
    assert not Enrolment.objects.exists()


def test_a_module_is_done_once_and_can_be_taken_back() -> None:
    course = make_course(modules=2)
    ana = learner()
    learning.enrol(course, by=ana, language="en")
    module = course.modules.get(number=1)

    for _twice in range(2):
        learning.tell_done(module, by=ana, language="en")
    first = Step.objects.count()
    learning.tell_undone(module, by=ana)

    assert (first, Step.objects.count()) == (1, 0)


def test_who_is_not_enrolled_keeps_nothing(client: Client) -> None:
    course = make_course()
    browser = come_in(client, person_of(learner()))

    answer = browser.post(f"/courses/{course.slug}/1/done/")

    assert answer.status_code == 409
    assert "Enrol first" in answer.content.decode()
    assert not Step.objects.exists()


def test_who_had_done_all_else_has_finished_when_a_module_is_taken_out() -> None:
    body = make_organisation()
    course = make_course(organiser=body, modules=2)
    ana, ben = learner(), learner()
    for one in (ana, ben):
        learning.enrol(course, by=one, language="en")
    learning.tell_done(course.modules.get(number=1), by=ana, language="en")

    writing.remove_module(course.modules.get(number=2), by=make_visitor("editor", body))

    finished_by = Enrolment.objects.filter(course=course, finished_at__isnull=False)
    assert [row.person_id for row in finished_by] == [ana.person_id]


def test_the_own_list_asks_as_often_for_many_as_for_one(
    client: Client, count_queries: Callable[..., Any]
) -> None:
    ana = learner()
    browser = come_in(client, person_of(ana))
    counted = []
    for more in (1, 2):
        for _course in range(more):
            make_enrolment(make_course(), person_of(ana))
        browser.get("/courses/mine/")
        with count_queries() as queries:
            assert browser.get("/courses/mine/").status_code == 200
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_leaving_erases_how_far_one_was(client: Client) -> None:
    course = make_course(modules=1)
    ana = learner()
    enrolment = learning.enrol(course, by=ana, language="en")
    learning.tell_done(course.modules.get(), by=ana, language="en")
    browser = come_in(client, person_of(ana))

    said = browser.get(f"/courses/{course.slug}/leave/").content.decode()
    browser.post(f"/courses/{course.slug}/leave/")

    assert "erased at once" in said
    assert not Step.objects.exists()
    assert not Enrolment.objects.filter(pk=enrolment.pk).exists()


def test_a_course_that_was_withdrawn_is_left_too(client: Client) -> None:
    course = make_course(state="withdrawn")
    ana = learner()
    make_enrolment(course, person_of(ana))
    browser = come_in(client, person_of(ana))

    answer = browser.post(f"/courses/{course.slug}/leave/")

    assert answer.headers["Location"] == "/courses/mine/"
    assert not Enrolment.objects.exists()


# Quizzes.


def test_a_quiz_is_passed_by_its_answers_and_not_by_saying_so(client: Client) -> None:
    course = make_course(modules=0)
    quiz = make_quiz(course)
    ana = learner()
    learning.enrol(course, by=ana, language="en")
    browser = come_in(client, person_of(ana))
    page = f"/courses/{course.slug}/1/"

    said_so = browser.post(f"{page}done/").status_code
    wrong = right_answers(quiz) | {f"q{quiz.questions.get(kind='single').pk}": "0"}
    browser.post(page, wrong)
    not_yet = browser.get(page).content.decode()
    browser.post(page, right_answers(quiz))
    passed = browser.get(page).content.decode()

    assert said_so == 409
    assert "3 of 4 answers are right." in not_yet
    assert "Not passed yet" in not_yet
    assert "Because 1." in not_yet
    assert "Passed" in passed
    assert Enrolment.objects.get().finished_at is not None


def test_tries_are_counted_and_the_same_answers_sent_twice_are_one_try(client: Client) -> None:
    course = make_course(modules=0)
    quiz = make_quiz(course, tries=2)
    ana = learner()
    learning.enrol(course, by=ana, language="en")
    browser = come_in(client, person_of(ana))
    page, single = f"/courses/{course.slug}/1/", quiz.questions.get(kind="single").pk

    first = [browser.post(page, {f"q{single}": "0"}).status_code for _twice in range(2)]
    tries = Step.objects.get().tries
    second = browser.post(page, {f"q{single}": "1"}).status_code
    third = browser.post(page, right_answers(quiz))

    assert (first, tries, second, third.status_code) == ([302, 302], 1, 302, 409)
    assert "You have used all the tries" in third.content.decode()
    assert Step.objects.get().done_at is None


def tried(module: Module, by: Visitor, *answers: int) -> None:
    """Answer its question with one choice, each time with another."""
    single = module.questions.get(kind="single").pk
    for answer in answers:
        learning.try_quiz(module, by=by, language="fi", answers={single: [answer]})


def left(course: Course, by: Visitor) -> None:
    learning.leave(Enrolment.objects.get(course=course, person=by.person_id), by=by)


def test_who_leaves_and_enrols_again_has_the_tries_that_were_left(client: Client) -> None:
    course = make_course(modules=1)
    quiz = make_quiz(course, tries=2)
    ana, ben = learner(), learner()
    for one in (ana, ben):
        learning.enrol(course, by=one, language="en")
    learning.tell_done(course.modules.get(number=1), by=ana, language="en")
    tried(quiz, ana, 0)
    browser = come_in(client, person_of(ana))
    page = f"/courses/{course.slug}/2/"

    warned = browser.get(f"/courses/{course.slug}/leave/").content.decode()
    left(course, ana)
    left(course, ben)
    kept = list(
        Step.objects.values_list("module", "tries", "answers", "right", "asked", "done_at", "language")
    )
    learning.enrol(course, by=ana, language="en")
    again = browser.get(page).content.decode()
    tried(quiz, ana, 1)
    left(course, ana)
    learning.enrol(course, by=ana, language="en")
    third = browser.post(page, right_answers(quiz))

    assert "stays counted" in warned
    assert kept == [(quiz.pk, 1, {}, 0, 0, None, "en")]
    assert ("1 try left" in again, "Not passed yet" in again) == (True, False)
    assert third.status_code == 409
    assert "You have used all the tries" in third.content.decode()
    assert "Your last answers stand below" not in third.content.decode()


def test_who_left_is_not_enrolled_whatever_stays_counted(client: Client) -> None:
    course = make_course(modules=0)
    quiz = make_quiz(course, tries=2)
    ana = learner()
    learning.enrol(course, by=ana, language="en")
    tried(quiz, ana, 0)
    browser = come_in(client, person_of(ana))

    left(course, ana)

    pages = [
        browser.get(page).content.decode()
        for page in (f"/courses/{course.slug}/", "/courses/mine/", "/account/")
    ]
    assert "How far you are" not in pages[0]
    assert f'action="/courses/{course.slug}/enrol/"' in pages[0]
    assert [course.title in page for page in pages[1:]] == [False, False]
    assert browser.get(f"/courses/{course.slug}/leave/").status_code == 404
    assert mine.exports["learning"](person_of(ana))["enrolments"][0]["modules"][0]["tries"] == 1
    keeping.forget_person(person_of(ana))
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize("why", ["passed", "unbounded"])
def test_where_no_try_needs_to_be_counted_nothing_stays(why: str, client: Client) -> None:
    course = make_course(modules=0)
    quiz = make_quiz(course, tries=2 if why == "passed" else None, needs=25)
    ana = learner()
    learning.enrol(course, by=ana, language="en")
    tried(quiz, ana, 1 if why == "passed" else 0)

    said = come_in(client, person_of(ana)).get(f"/courses/{course.slug}/leave/").content.decode()
    left(course, ana)

    assert "stays counted" not in said
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize("change", ["unbounded", "taken out"])
def test_what_was_counted_goes_when_it_is_not_needed_any_more(change: str) -> None:
    body = make_organisation()
    course = make_course(organiser=body, modules=1)
    quiz = make_quiz(course, tries=2)
    ana, editor = learner(), make_visitor("editor", body)
    learning.enrol(course, by=ana, language="en")
    tried(quiz, ana, 0)
    left(course, ana)

    if change == "taken out":
        writing.remove_module(quiz, by=editor)
    else:
        part = writing.Part("quiz", "Questions", "en", "Read this.")
        writing.change_module(quiz, by=editor, edits=1, part=part)

    assert not Enrolment.objects.exists()


def test_answers_hold_in_every_language(client: Client) -> None:
    course = make_course(modules=0)
    quiz = make_quiz(course)
    own = quiz.own_texts
    words = {name: f"fi {text}" if "choices" not in name else "\n".join(f"fi {line}" for line in text.split("\n"))
             for name, text in own.items()}  # fmt: skip
    make_translation(course, "fi", quiz, texts=words)
    ana = learner()
    learning.enrol(course, by=ana, language="en")
    browser = come_in(client, person_of(ana))

    shown = browser.get(f"/courses/{course.slug}/1/?read=fi").content.decode()
    browser.post(f"/courses/{course.slug}/1/?read=fi", right_answers(quiz))

    assert "fi Yes" in shown
    assert Step.objects.get().right == 4


# Nobody else sees it.


def test_progress_is_seen_by_nobody_else_in_any_channel(client: Client) -> None:
    """A learner with an unmistakable name and address: looked for in every page of the course, as everybody who runs it."""
    body = make_organisation()
    course = make_course("The watched course", organiser=body, modules=1)
    canary = "kanarievogel9x"
    ana = make_visitor(email=f"{canary}@example.eu", name=canary)
    learning.enrol(course, by=ana, language="en")
    learning.tell_done(course.modules.get(), by=ana, language="en")
    pages = ["", "totals/", "edit/", "1/", "?read=fi", "translate/", "edit/modules/1/"]
    lists = ["/courses/", "/courses/drafts/", "/courses/mine/", "/courses/?format=json", "/courses/?format=csv",
             "/api/v1/courses", f"/api/v1/courses/{course.slug}"]  # fmt: skip

    for kind in ("", "editor", "manager", "coordinator"):
        other = make_visitor(kind, body if kind in {"editor", "manager"} else None)
        browser = come_in(Client(), person_of(other), how="mfa", proved=True)
        for address in [*(f"/courses/{course.slug}/{page}" for page in pages), *lists]:
            text = browser.get(address).content.decode()
            assert canary not in text, address
            assert "module done" not in text, address
    entries = Entry.objects.filter(verb__contains="enrol") | Entry.objects.filter(thing__contains="enrolment")
    assert not entries.exists()
    assert not Entry.objects.filter(actor=f"person:{ana.person_id}").exists()


@pytest.mark.parametrize(
    ("many", "told"), [(0, "fewer than five"), (4, "fewer than five"), (5, "at least 5"), (9, "at least 5")]
)
def test_totals_are_told_in_steps_of_five(client: Client, many: int, told: str) -> None:
    body = make_organisation()
    course = make_course(organiser=body, modules=1)
    module = course.modules.get()
    for _one in range(many):
        row = make_enrolment(course, finished_at=timezone.now())
        Step.objects.create(enrolment=row, module=module, done_at=timezone.now())
    browser = come_in(client, person_of(make_visitor("editor", body)))

    page = browser.get(f"/courses/{course.slug}/totals/").content.decode()

    assert page.count(f"<dd>{told}</dd>") >= 2
    assert f"<td>{told}</td>" in page


def test_one_s_data_is_taken_along_and_erased(client: Client) -> None:
    course = make_course(modules=1)
    ana, ben = learner(), learner()
    cohort = make_cohort(make_course("With dates"), capacity=1)
    learning.enrol(cohort.course, by=ana, language="en", cohort=cohort)
    learning.enrol(cohort.course, by=ben, language="en", cohort=cohort)
    enrolment = learning.enrol(course, by=ana, language="en")
    learning.tell_done(course.modules.get(), by=ana, language="en")
    enrolment.refresh_from_db()
    certificate = certifying.certify(enrolment, by=ana, name="Ana")
    keeping.keep_check({"mapping-1": 2}, by=ana)

    copy = mine.exports["learning"](person_of(ana))
    keeping.forget_person(person_of(ana))

    assert [row["course"] for row in copy["enrolments"]] == [cohort.course.slug, course.slug]
    assert copy["enrolments"][1]["modules"][0]["done"] is not None
    assert copy["certificates"][0]["name"] == "Ana"
    assert copy["self_checks"][0]["levels"] == {"mapping-1": 2}
    assert not Enrolment.objects.filter(person=ana.person_id).exists()
    assert not SelfCheck.objects.exists()
    certificate.refresh_from_db()
    assert (certificate.name, certificate.person_id) == ("", None)
    assert certificate.taken_back_at is not None
    assert Enrolment.objects.get(person=ben.person_id).state == State.OFFERED


def test_who_closed_the_account_a_moment_ago_is_not_enrolled_and_keeps_nothing() -> None:
    course, cohort = make_course(), make_cohort(make_course(), capacity=1)
    ana = learner()
    erase(Person.objects.get(pk=ana.person_id or 0), by=ana)

    with pytest.raises(PermissionDenied):
        learning.enrol(course, by=ana, language="en")
    with pytest.raises(PermissionDenied):
        learning.enrol(cohort.course, by=ana, language="en", cohort=cohort)
    with pytest.raises(PermissionDenied):
        keeping.keep_check({"mapping-1": 2}, by=ana)

    assert not Enrolment.objects.exists()
    assert not SelfCheck.objects.exists()


def test_a_certificate_that_is_given_while_the_account_ends_keeps_no_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = make_course(modules=1)
    ana = learner()
    learning.enrol(course, by=ana, language="en")
    learning.tell_done(course.modules.get(), by=ana, language="en")
    delete = Enrolment.delete

    def after_another_process(enrolment: Enrolment) -> Any:
        certifying.certify(enrolment, by=ana, name="Ana")
        return delete(enrolment)

    monkeypatch.setattr(Enrolment, "delete", after_another_process)

    keeping.forget_person(person_of(ana))

    given = Certificate.objects.get()
    assert (given.name, given.person_id) == ("", None)
    assert given.taken_back_at is not None


def test_a_seat_that_an_account_leaves_is_shown_free_at_once(client: Client) -> None:
    cohort = make_cohort(make_course(), capacity=1)
    ana = learner()
    learning.enrol(cohort.course, by=ana, language="en", cohort=cohort)
    before = Version.objects.get().number

    keeping.forget_person(person_of(ana))

    assert Version.objects.get().number > before
    assert "Few seats are left." in client.get(f"/courses/{cohort.course.slug}/").content.decode()


# Seats and their line.


def test_beyond_the_seats_one_waits_and_sees_the_rank(client: Client) -> None:
    cohort = make_cohort(make_course(), capacity=1)
    course = cohort.course
    people = [learner() for _one in range(3)]

    for one in people:
        learning.enrol(course, by=one, language="en", cohort=cohort)
    page = come_in(client, person_of(people[2])).get(f"/courses/{course.slug}/").content.decode()

    assert states(course) == [State.COMING, State.WAITING, State.WAITING]
    assert "You are number 2 in line." in page
    assert "You are number 2 in line" not in Outbox.objects.get(to=person_of(people[1]).email).text
    assert "number 2 in line" in Outbox.objects.get(to=person_of(people[2]).email).text


def test_how_many_wait_is_told_to_nobody_else(client: Client) -> None:
    cohort = make_cohort(make_course(), capacity=1)
    for _one in range(3):
        learning.enrol(cohort.course, by=learner(), language="en", cohort=cohort)

    page = client.get(f"/courses/{cohort.course.slug}/").content.decode()
    listed = client.get("/courses/").content.decode()
    (dates,) = client.get(f"/api/v1/courses/{cohort.course.slug}").json()["dates"]

    assert "<small>Full. You can join the waiting list.</small>" in page
    assert '<p class="end">full</p>' in listed
    assert (dates["standing"], "waiting" in dates) == ("full", False)


def test_a_seat_given_back_is_offered_to_who_waits_longest_and_passes_on() -> None:
    cohort = make_cohort(make_course(), capacity=1)
    course = cohort.course
    people = [learner() for _one in range(3)]
    rows = [learning.enrol(course, by=one, language="en", cohort=cohort) for one in people]

    learning.leave(rows[0], by=people[0])
    offered = states(course)
    Enrolment.objects.filter(state=State.OFFERED).update(offer_until=timezone.now() - timedelta(minutes=1))
    with pytest.raises(seats.NotOffered):
        learning.accept(rows[1], by=people[1])
    for work in due:
        if work.__module__.startswith("koinon.courses"):
            work()
    passed_on = states(course)
    learning.accept(rows[2], by=people[2])

    assert offered == [State.OFFERED, State.WAITING]
    assert passed_on == [State.LAPSED, State.OFFERED]
    assert states(course) == [State.LAPSED, State.COMING]
    assert Outbox.objects.filter(
        to=person_of(people[1]).email, subject__startswith="The seat has passed"
    ).exists()


def test_until_when_a_seat_is_kept_is_told_with_its_zone(client: Client) -> None:
    cohort = make_cohort(make_course(), capacity=1)
    ana, ben = learner(), learner()
    first = learning.enrol(cohort.course, by=ana, language="en", cohort=cohort)
    learning.enrol(cohort.course, by=ben, language="en", cohort=cohort)
    learning.leave(first, by=ana)

    until = Enrolment.objects.get().offer_until
    page = come_in(client, person_of(ben)).get(f"/courses/{cohort.course.slug}/").content.decode()
    mail = Outbox.objects.get(to=person_of(ben).email, subject__startswith="A seat is free").text

    assert until is not None
    said = f"{timezone.localtime(until):%H:%M} {timezone.localtime(until):%Z}"
    assert said in page
    assert said in mail


def test_of_a_withdrawn_course_no_seat_is_offered() -> None:
    cohort = make_cohort(make_course(), capacity=1)
    ana, ben = learner(), learner()
    first = learning.enrol(cohort.course, by=ana, language="en", cohort=cohort)
    learning.enrol(cohort.course, by=ben, language="en", cohort=cohort)
    Course.objects.filter(pk=cohort.course_id).update(state="withdrawn", withdrawn_at=timezone.now())

    learning.leave(first, by=ana)
    seats.run()

    assert states(cohort.course) == [State.WAITING]
    assert not Outbox.objects.filter(subject__startswith="A seat is free").exists()


def test_who_comes_new_does_not_overtake_who_waits() -> None:
    body = make_organisation()
    cohort = make_cohort(make_course(organiser=body), capacity=1)
    for _one in range(2):
        learning.enrol(cohort.course, by=learner(), language="en", cohort=cohort)
    type(cohort).objects.filter(pk=cohort.pk).update(capacity=2)

    learning.enrol(cohort.course, by=learner(), language="en", cohort=cohort)

    assert states(cohort.course) == [State.COMING, State.OFFERED, State.WAITING]


def test_nobody_waits_any_more_where_a_course_is_learnt_at_one_s_own_pace() -> None:
    body = make_organisation()
    cohort = make_cohort(make_course(organiser=body), capacity=1)
    course = cohort.course
    for _one in range(2):
        learning.enrol(course, by=learner(), language="en", cohort=cohort)
    told = replace(writing.told_of(Course.objects.get(pk=course.pk)), pace="self")

    writing.change(course, by=make_visitor("editor", body), edits=1, told=told)

    assert states(course) == [State.COMING, State.COMING]
    assert list(Enrolment.objects.order_by("pk").values_list("cohort", flat=True)) == [cohort.pk, None]


def test_an_offer_is_somebody_s_own() -> None:
    cohort = make_cohort(make_course(), capacity=1)
    ana, ben, eve = learner(), learner(), learner()
    first = learning.enrol(cohort.course, by=ana, language="en", cohort=cohort)
    second = learning.enrol(cohort.course, by=ben, language="en", cohort=cohort)
    learning.leave(first, by=ana)

    with pytest.raises(PermissionDenied):
        learning.accept(second, by=eve)
    with pytest.raises(PermissionDenied):
        learning.leave(second, by=eve)


def test_enrolling_ends_with_its_last_day(client: Client) -> None:
    cohort = make_cohort(make_course(), days=-3, enrol_until=timezone.localdate() - timedelta(days=1))
    browser = come_in(client, person_of(learner()))

    late = browser.post(f"/courses/{cohort.course.slug}/enrol/", {"dates": cohort.pk})
    without = browser.post(f"/courses/{cohort.course.slug}/enrol/")
    foreign = make_cohort(make_course())
    other = browser.post(f"/courses/{cohort.course.slug}/enrol/", {"dates": foreign.pk})

    assert (late.status_code, without.status_code, other.status_code) == (409, 422, 422)
    assert "The last day to enrol for these dates is over." in late.content.decode()
    assert not Enrolment.objects.exists()


def test_seats_do_not_become_fewer_than_are_taken() -> None:
    body = make_organisation()
    manager = make_visitor("manager", body)
    cohort = make_cohort(make_course(organiser=body), capacity=3)
    for _one in range(2):
        learning.enrol(cohort.course, by=learner(), language="en", cohort=cohort)
    dates = writing.Dates(cohort.starts_on, cohort.ends_on, capacity=1)

    with pytest.raises(writing.Learnt):
        writing.change_cohort(cohort, by=manager, edits=1, dates=dates)
    with pytest.raises(writing.Learnt):
        writing.remove_cohort(cohort, by=manager)


def test_who_let_a_seat_go_by_holds_no_dates() -> None:
    body = make_organisation()
    cohort = make_cohort(make_course(organiser=body))
    enrolment = make_enrolment(cohort.course, cohort=cohort, state=State.LAPSED)

    writing.remove_cohort(cohort, by=make_visitor("manager", body))

    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.cohort) == (State.LAPSED, None)


# Certificates.


def finished(name: str = "Ana Anić") -> tuple[Visitor, Certificate]:
    course = make_course("A whole course", modules=1)
    ana = learner()
    enrolment = learning.enrol(course, by=ana, language="en")
    learning.tell_done(course.modules.get(), by=ana, language="en")
    enrolment.refresh_from_db()
    return ana, certifying.certify(enrolment, by=ana, name=name)


def test_anybody_checks_a_certificate_and_reads_the_name_only_as_wished(client: Client) -> None:
    _ana, named = finished()
    _ben, nameless = finished("")

    pages = [client.get(f"/courses/certificates/{one.number}/").content.decode() for one in (named, nameless)]

    assert "<bdi>Ana Anić</bdi> finished this course" in pages[0]
    assert "The holder finished this course:" in pages[1]
    assert not client.cookies


def test_a_number_is_read_as_people_type_it_and_a_wrong_one_is_none(client: Client) -> None:
    _ana, one = finished()

    typed = client.get(f"/courses/certificates/{one.number.lower()}/")
    wrong = client.get("/courses/certificates/AAAA-BBBB-CCCC-DDDD/")

    assert typed.status_code == 302
    assert wrong.status_code == 404
    assert "There is no certificate with this number" in wrong.content.decode()


def test_a_number_that_is_typed_leads_to_the_page_that_checks_it(client: Client) -> None:
    _ana, one = finished()
    plain = one.number.replace("-", "")
    attendance = make_registration(make_session())
    attendance.certificate, attendance.attended_at = "QQQQ-WWWW-EEEE-RRRR", timezone.now()
    attendance.save()

    ways = (
        one.number,
        plain.lower(),
        f"  {plain[:4]} {plain[4:8]}\t{plain[8:12]} – {plain[12:]}. ",
        one.number.replace("-", "\u2011"),
        f"https://koinon.example/de/courses/certificates/{one.number}/?format=pdf",
    )
    led = {client.get("/courses/certificates/", {"number": typed}).headers["Location"] for typed in ways}
    attended = client.get("/courses/certificates/", {"number": "qqqqwwwweeeerrrr"})

    assert led == {one.get_absolute_url()}
    assert attended.headers["Location"] == reverse("sessions:certificate", args=[attendance.certificate])
    assert client.get(one.get_absolute_url()).status_code == 200
    assert not client.cookies


@pytest.mark.parametrize(
    "typed",
    [
        "AAAA-BBBB-CCCC-DDDD",
        "a\x00b",
        "\x00",
        "X" * 10_000,
        "-" * 10_000,
        "<kx onx=1>",
        "٣٣٣٣",
        "…/?",
        "\u202e",
    ],
)
def test_what_is_no_number_is_said_to_be_none_and_stays_in_the_field(client: Client, typed: str) -> None:
    finished()

    answer = client.get("/courses/certificates/", {"number": typed})

    page = answer.content.decode()
    assert answer.status_code == 404
    assert "There is no certificate with this number" in page
    assert "<kx" not in page
    assert page.count('name="number"') == 1
    if typed.isprintable():
        assert f'value="{escape(typed[:60])}"' in page


def test_the_form_for_a_number_stands_where_one_looks_for_it(client: Client) -> None:
    ana, one = finished()
    pages = ["/courses/", "/courses/certificates/", "/courses/certificates/?number=+", one.get_absolute_url()]

    shown = [client.get(page) for page in pages]
    certifying.take_back(one, by=ana)
    shown.append(client.get(one.get_absolute_url()))

    assert [answer.status_code for answer in shown] == [200, 200, 200, 200, 410]
    for answer in shown:
        assert 'action="/courses/certificates/"' in answer.content.decode()


def test_a_translated_title_longer_than_a_title_can_be_is_cut_on_the_certificate() -> None:
    course = make_course(modules=1)
    make_translation(course, "fi", texts={"title": "Pitkä otsikko " * 30})
    ana = learner()
    enrolment = learning.enrol(course, by=ana, language="en")
    learning.tell_done(course.modules.get(), by=ana, language="fi")
    enrolment.refresh_from_db()

    made = certifying.certify(enrolment, by=ana, name="")

    assert (made.language, len(made.title)) == ("fi", 200)


def test_taken_back_the_number_says_so_and_names_nobody(client: Client) -> None:
    ana, one = finished()
    browser = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), person_of(ana))

    browser.post(f"/courses/certificates/{one.number}/take-back/")
    twice = browser.post(f"/courses/certificates/{one.number}/take-back/").status_code
    answer = client.get(f"/courses/certificates/{one.number}/")
    again = browser.post(f"/courses/{one.course.slug}/certificate/", {"name": ""})  # type: ignore[union-attr]

    assert (answer.status_code, twice) == (410, 410)
    assert "Ana" not in answer.content.decode()
    assert "was taken back" in answer.content.decode()
    assert Certificate.objects.filter(taken_back_at__isnull=True).get().number != one.number
    assert again.status_code == 302


def test_nobody_takes_back_another_s(client: Client) -> None:
    _ana, one = finished()

    answer = come_in(client, make_person()).post(f"/courses/certificates/{one.number}/take-back/")

    assert answer.status_code == 403
    one.refresh_from_db()
    assert one.taken_back_at is None


def test_who_has_not_finished_gets_none(client: Client) -> None:
    course = make_course(modules=2)
    ana = learner()
    learning.enrol(course, by=ana, language="en")
    learning.tell_done(course.modules.get(number=1), by=ana, language="en")

    answer = come_in(client, person_of(ana)).post(f"/courses/{course.slug}/certificate/", {"name": "Ana"})

    assert answer.status_code == 409
    assert not Certificate.objects.exists()


@pytest.mark.parametrize("gives", [True, False])
def test_none_is_made_behind_the_page_either(gives: bool) -> None:
    course = make_course(modules=1)
    ana = learner()
    enrolment = learning.enrol(course, by=ana, language="en")
    if not gives:
        learning.tell_done(course.modules.get(), by=ana, language="en")
        Course.objects.filter(pk=course.pk).update(gives_certificate=False)

    with pytest.raises(certifying.NotFinished):
        certifying.certify(enrolment, by=ana, name="Ana")

    assert not Certificate.objects.exists()


def test_asked_for_again_it_is_the_same_with_the_name_as_it_is_wished_now() -> None:
    ana, one = finished("Ana Anić")
    enrolment = Enrolment.objects.get(person=ana.person_id)

    again = [certifying.certify(enrolment, by=ana, name=name) for name in ("", "Ana A.")]

    assert [made.number for made in again] == [one.number] * 2
    one.refresh_from_db()
    assert one.name == "Ana A."


def test_a_certificate_holds_though_the_course_grows_or_goes(client: Client) -> None:
    _ana, one = finished()
    assert one.course is not None
    make_module(one.course)
    type(one.course).objects.filter(pk=one.course.pk).update(state="withdrawn")

    page = client.get(f"/courses/certificates/{one.number}/")

    assert page.status_code == 200
    assert "A whole course" in page.content.decode()


def test_who_had_finished_before_a_course_was_withdrawn_still_gets_a_certificate(client: Client) -> None:
    course = make_course("A whole course", modules=1)
    ana, ben, eve = learner(), learner(), learner()
    for one in (ana, ben):
        learning.enrol(course, by=one, language="en")
    learning.tell_done(course.modules.get(), by=ana, language="en")
    writing.withdraw(course, by=make_visitor("manager", course.organiser))
    page = f"/courses/{course.slug}/"
    ways_on = []
    for one in (ana, ben, eve):
        browser = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), person_of(one))
        answers = [browser.get(page), browser.get("/courses/mine/")]
        asked = browser.post(f"{page}certificate/", {"name": "Ana Anić"})
        ways_on.append(
            (
                answers[0].status_code,
                [f"{page}certificate/" in answer.content.decode() for answer in answers],
                asked.status_code,
            )
        )

    made = Certificate.objects.get()
    checked = client.get(f"/courses/certificates/{made.number}/")
    own = come_in(Client(), person_of(ana)).get(f"/courses/certificates/{made.number}/").content.decode()

    assert ways_on == [(410, [True, True], 302), (410, [False, False], 410), (410, [False, False], 404)]
    assert (made.title, made.person_id, checked.status_code) == ("A whole course", ana.person_id, 200)
    assert f'href="{page}"' not in checked.content.decode()
    assert "Change the name" in own


def test_who_left_a_course_is_not_offered_another_name(client: Client) -> None:
    ana, one = finished()
    browser = come_in(client, person_of(ana))
    address = f"/courses/certificates/{one.number}/"
    before = browser.get(address).content.decode()
    assert one.course is not None
    left(one.course, ana)

    after = browser.get(address).content.decode()

    assert ("Change the name" in before, "Change the name" in after) == (True, False)
    assert "Take it back" in after


def test_a_certificate_leaves_as_a_pdf(client: Client) -> None:
    pytest.importorskip("typst")
    _ana, one = finished()

    answer = client.get(f"/courses/certificates/{one.number}/?format=pdf")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
