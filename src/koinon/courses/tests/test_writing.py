"""Writing courses: drafts, modules, questions, files, sessions that become modules, translations, publishing."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from koinon.agenda.models import Material, Session
from koinon.agenda.testing import make_session
from koinon.courses import hooks
from koinon.courses.actions import translating, writing
from koinon.courses.models import Course, Module, Question
from koinon.courses.testing import make_cohort, make_course, make_quiz, make_translation
from koinon.network.models import Organisation
from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import Visitor
from koinon.people.models import Person
from koinon.people.testing import come_in

pytestmark = pytest.mark.django_db


def person_of(visitor: Visitor) -> Person:
    assert visitor.person is not None
    return visitor.person


@pytest.fixture
def body() -> Organisation:
    return make_organisation("House of learning")


@pytest.fixture
def manager(body: Organisation) -> Visitor:
    return make_visitor("manager", body)


@pytest.fixture
def browser(client: Client, manager: Visitor) -> Client:
    assert manager.person is not None
    return come_in(client, manager.person)


TOLD = {
    "language": "en",
    "title": "By hand",
    "lead": "For all.",
    "level": "first",
    "minutes": "60",
    "pace": "self",
}
PART = {"kind": "text", "language": "en", "title": "One", "text": "Read.", "minutes": "5", "needs": "60"}


def test_a_course_is_written_and_published(browser: Client) -> None:
    made = browser.post("/courses/new/", TOLD)
    slug = Course.objects.get().slug
    early = browser.post(f"/courses/{slug}/publish/")
    browser.post(f"/courses/{slug}/edit/modules/", PART)
    browser.post(f"/courses/{slug}/publish/")

    assert made.headers["Location"] == f"/courses/{slug}/edit/"
    assert early.status_code == 422
    assert "at least one module" in early.content.decode()
    assert Client().get(f"/courses/{slug}/1/").status_code == 200


def test_of_two_at_once_the_second_sees_both_texts(browser: Client, body: Organisation) -> None:
    course = make_course("Before", organiser=body)
    browser.post(f"/courses/{course.slug}/edit/", TOLD | {"title": "First", "edits": "1"})

    second = browser.post(f"/courses/{course.slug}/edit/", TOLD | {"title": "Second", "edits": "1"})

    page = second.content.decode()
    assert second.status_code == 409
    assert "somebody else changed this course" in page
    assert "First" in page
    assert 'value="Second"' in page
    course.refresh_from_db()
    assert course.title == "First"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "video"}, "Give the address at which the video is."),
        ({"kind": "video", "link": "javascript:alert(1)"}, "URL"),
        ({"kind": "session", "session": "NO-SUCH"}, "There is no session with this code that you may see."),
        ({"text": ""}, "Write the text."),
        ({"needs": "101"}, "100"),
        ({"minutes": "-1"}, "1"),
    ],
)
def test_a_module_that_lacks_something_is_refused_in_plain_words(
    browser: Client, body: Organisation, changed: dict[str, str], said: str
) -> None:
    course = make_course(organiser=body, modules=0)

    answer = browser.post(f"/courses/{course.slug}/edit/modules/", PART | changed)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Module.objects.exists()


def test_a_question_holds_its_right_answers(browser: Client, body: Organisation) -> None:
    course = make_course(organiser=body, modules=0)
    module = make_quiz(course)
    Question.objects.all().delete()
    page = f"/courses/{course.slug}/edit/modules/{module.number}/questions/"

    browser.post(page, {"kind": "several", "text": "Which?", "choices": "* A\nB\n*C"})
    two = browser.post(page, {"kind": "single", "text": "Which?", "choices": "* A\n* B"})
    starred = browser.post(page, {"kind": "order", "text": "How?", "choices": "* A\nB"})
    without = browser.post(page, {"kind": "number", "text": "How many?"})

    question = Question.objects.get()
    assert (question.choices, question.right) == (["A", "B", "C"], [0, 2])
    assert [two.status_code, starred.status_code, without.status_code] == [422, 422, 422]


def test_a_file_is_washed_and_what_runs_is_refused(browser: Client, body: Organisation) -> None:
    course = make_course(organiser=body, modules=1)
    page = f"/courses/{course.slug}/edit/modules/1/file/"

    taken = browser.post(page, {"file": SimpleUploadedFile("../plan.txt", b"Read this.")})
    refused = browser.post(page, {"file": SimpleUploadedFile("page.pdf", b"<html><script>1</script>")})

    assert taken.status_code == 302
    assert refused.status_code == 422
    assert "Web pages and drawings made of code are not taken." in refused.content.decode()
    assert course.modules.get().file.name == "plan.txt"


def test_the_same_form_sent_twice_is_one(browser: Client, body: Organisation) -> None:
    course = make_course(organiser=body, modules=0, pace="dates")
    dates = {"starts_on": "2030-01-01", "ends_on": "2030-01-08"}

    for _twice in range(2):
        browser.post(f"/courses/{course.slug}/edit/modules/", PART | {"kind": "quiz"})
        browser.post(
            f"/courses/{course.slug}/edit/modules/1/questions/",
            {"kind": "single", "text": "Which?", "choices": "* A\nB"},
        )
        browser.post(f"/courses/{course.slug}/edit/dates/", dates)

    assert (course.modules.count(), Question.objects.count(), course.cohorts.count()) == (1, 1, 1)


def test_a_form_that_changes_something_sent_twice_is_no_conflict(browser: Client, body: Organisation) -> None:
    course = make_course(organiser=body, modules=1)
    quiz = make_quiz(course)
    question = quiz.questions.get(kind="single")
    cohort = make_cohort(course)
    forms: dict[str, dict[str, str]] = {
        "edit/": TOLD | {"pace": "dates", "edits": "1"},
        "edit/modules/1/": PART | {"edits": "1"},
        f"edit/modules/2/questions/{question.pk}/": {
            "kind": "single",
            "text": "Which one?",
            "choices": "* A\nB",
            "edits": "1",
        },
        f"edit/dates/{cohort.pk}/": {"starts_on": "2030-01-01", "ends_on": "2030-01-08", "edits": "1"},
        "translate/fi/1/": {"title": "Yksi", "edits": "0"},
    }

    answers = [
        browser.post(f"/courses/{course.slug}/{address}", sent).status_code
        for address, sent in forms.items()
        for _twice in range(2)
    ]

    assert answers == [302] * 10


QUESTION = {"kind": "single", "text": "Which one?", "choices": "* A\nB", "explanation": "So it is."}
DATES = {"starts_on": "2030-01-01", "ends_on": "2030-01-08", "capacity": "20"}


@pytest.mark.parametrize(
    ("what", "first", "second"),
    [
        ("module", PART | {"title": "The first", "text": "Of the first."}, PART | {"text": "Of the second."}),
        ("module", PART | {"minutes": "45"}, PART | {"title": "The second"}),
        (
            "module",
            PART | {"kind": "video", "link": "https://first.example/"},
            PART | {"kind": "video", "link": "https://second.example/"},
        ),
        ("question", QUESTION | {"text": "The first?"}, QUESTION | {"text": "The second?"}),
        ("question", QUESTION | {"choices": "A\n* Only the first"}, QUESTION | {"choices": "* The second\nB"}),
        ("question", QUESTION | {"explanation": "Says the first."}, QUESTION | {"explanation": "Says the second."}),
        ("dates", DATES | {"capacity": "21"}, DATES | {"note": "of the second"}),
        ("dates", DATES | {"starts_on": "2029-12-24"}, DATES | {"note": "of the second"}),
    ],
)  # fmt: skip
def test_of_two_trainers_at_once_the_second_loses_no_word_and_reads_those_of_the_first(
    body: Organisation, what: str, first: dict[str, str], second: dict[str, str]
) -> None:
    course = make_course(organiser=body, modules=1)
    question = make_quiz(course).questions.get(kind="single")
    pages = {
        "module": "edit/modules/1/",
        "question": f"edit/modules/2/questions/{question.pk}/",
        "dates": f"edit/dates/{make_cohort(course).pk}/",
    }
    address = f"/courses/{course.slug}/{pages[what]}"
    one, other = (come_in(Client(), person_of(make_visitor("manager", body))) for _trainer in range(2))

    taken = one.post(address, first | {"edits": "1"})
    late = other.post(address, second | {"edits": "1"})

    above, kept = late.content.decode().split('<form class="form"', 1)
    assert (taken.status_code, late.status_code) == (302, 409)
    for name, typed in second.items():
        if typed != first.get(name, ""):
            assert escape(typed) in kept
    for name, stands in first.items():
        if stands != second.get(name, ""):
            assert SHOWN_AS.get(stands, escape(stands).replace("\n", "<br>")) in above
    assert 'name="edits" value="2"' in kept
    assert other.post(address, second | {"edits": "2"}).status_code == 302


SHOWN_AS = {"2029-12-24": "24 December 2029"}


def test_a_course_is_begun_once_though_the_form_comes_twice(browser: Client) -> None:
    first, again = (browser.post("/courses/new/", TOLD).headers["Location"] for _twice in range(2))
    browser.post("/courses/new/", TOLD | {"title": "Another"})

    assert first == again
    assert Course.objects.count() == 2


def test_what_is_taken_out_is_asked_for_twice(browser: Client, body: Organisation) -> None:
    course = make_course(organiser=body, modules=0)
    question = make_quiz(course).questions.get(kind="single")
    module = f"/courses/{course.slug}/edit/modules/1/"

    pages = [browser.get(at).content.decode() for at in (module, f"{module}questions/{question.pk}/")]
    browser.post(f"{module}questions/{question.pk}/remove/")
    left = course.modules.get().questions.count()
    browser.post(f"{module}remove/")

    assert all(page.count("It is gone for good.") == 1 for page in pages)
    assert (left, course.modules.count()) == (3, 0)


def test_modules_move_and_keep_their_address(browser: Client, body: Organisation) -> None:
    course = make_course(organiser=body, modules=3)

    browser.post(f"/courses/{course.slug}/edit/modules/3/move/", {"to": "up"})
    browser.post(f"/courses/{course.slug}/edit/modules/1/move/", {"to": "up"})

    assert list(course.modules.values_list("number", flat=True)) == [1, 3, 2]


def test_a_module_that_is_moved_twice_by_one_press_moves_once(browser: Client, body: Organisation) -> None:
    course = make_course(organiser=body, modules=3)

    for _twice in range(2):
        browser.post(f"/courses/{course.slug}/edit/modules/3/move/", {"to": "up", "at": "2"})

    assert list(course.modules.values_list("number", flat=True)) == [1, 3, 2]
    assert 'name="at" value="2"' in browser.get(f"/courses/{course.slug}/edit/").content.decode()


def _held(**more: Any) -> Session:
    session = make_session("An hour of answers", starts=timezone.now(), lead="What was asked.", **more)
    for kind in (Material.Kind.RECORDING, Material.Kind.CAPTIONS):
        Material.objects.create(
            session=session, kind=kind, title="The hour", url=f"https://video.example/{kind}"
        )
    return session


def test_a_recording_with_its_answers_becomes_a_module_in_one_click(
    browser: Client, body: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, session = make_course(organiser=body, modules=0), _held()
    told = [hooks.Answered("Who pays?", "The region does.", "en")]
    monkeypatch.setattr(hooks, "answered_in", [lambda of: told if of == session else []])

    for _twice in range(2):
        browser.post(f"/courses/{course.slug}/edit/from-session/", {"session": session.code.lower()})

    module = course.modules.get()
    assert (module.kind, module.link, module.title) == (
        "video",
        "https://video.example/recording",
        "An hour of answers",
    )
    assert "Question: Who pays?\nAnswer: The region does." in module.text


def test_a_session_without_anything_and_one_behind_doors_become_none(
    browser: Client, body: Organisation
) -> None:
    course = make_course(organiser=body, modules=0)
    bare, hidden = make_session(), _held(audience="invited")

    answers = [
        browser.post(f"/courses/{course.slug}/edit/from-session/", {"session": one.code})
        for one in (bare, hidden)
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "neither a recording with captions" in answers[0].content.decode()
    assert "There is no public session" in answers[1].content.decode()


def test_a_recording_without_captions_is_no_module(browser: Client, body: Organisation) -> None:
    course, session = make_course(organiser=body, modules=0), _held()
    Material.objects.filter(kind=Material.Kind.CAPTIONS).delete()

    answer = browser.post(f"/courses/{course.slug}/edit/from-session/", {"session": session.code})

    assert answer.status_code == 422


def test_a_module_is_translated_beside_its_original(browser: Client, body: Organisation) -> None:
    course = make_course(organiser=body, modules=0)
    quiz = make_quiz(course)
    name = f"q{quiz.questions.get(kind='single').pk}.choices"
    page = f"/courses/{course.slug}/translate/fi/1/"

    too_few = browser.post(page, {"title": "Kysymyksiä", name: "Ei", "edits": "0"})
    browser.post(page, {"title": "Kysymyksiä", name: "Ei\nKyllä", "edits": "0"})
    late = browser.post(page, {"title": "Toinen", "edits": "0"})

    assert too_few.status_code == 422
    assert "There are 2 answers beside it." in too_few.content.decode()
    assert late.status_code == 409
    assert "Kyllä" in Client().get(f"/courses/{course.slug}/1/?read=fi").content.decode()


def test_a_machine_translates_only_what_nobody_has_told(
    body: Organisation, manager: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from koinon.practices import machine

    course = make_course(organiser=body, modules=2)
    make_translation(course, "fi", course.modules.get(number=1))

    def translate(texts: dict[str, str], source: str, target: str) -> machine.Made:
        return machine.Made({name: f"fi {text}" for name, text in texts.items() if text}, "A machine")

    monkeypatch.setattr(machine, "translate", translate)

    first = translating.translate_by_machine(course, by=manager, language="fi")
    second = translating.translate_by_machine(course, by=manager, language="fi")

    assert (first, second) == (2, 0)
    made = dict(course.translations.values_list("module__number", "made"))
    assert made == {None: "machine", 1: "human", 2: "machine"}


def test_who_learns_keeps_the_dates(browser: Client, body: Organisation) -> None:
    from koinon.courses.testing import make_enrolment

    cohort = make_cohort(make_course(organiser=body), capacity=2)
    make_enrolment(cohort.course, cohort=cohort)

    answer = browser.post(f"/courses/{cohort.course.slug}/edit/dates/{cohort.pk}/remove/")

    assert answer.status_code == 409
    assert "they cannot be removed" in answer.content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ends_on": "2029-12-31"}, "The last day is before the first."),
        ({"enrol_until": "2031-01-01"}, "This is after the last day."),
        ({"starts_on": "1999-01-01"}, "Choose a day of this century."),
        ({"starts_on": "2021-01-01", "ends_on": "2021-01-08"}, "This date has gone by."),
        ({"capacity": "0"}, "1"),
    ],
)
def test_dates_that_cannot_be_are_refused(
    browser: Client, body: Organisation, changed: dict[str, str], said: str
) -> None:
    course = make_course(organiser=body, pace="dates")
    sent = {"starts_on": "2030-01-01", "ends_on": "2030-01-08"} | changed

    answer = browser.post(f"/courses/{course.slug}/edit/dates/", sent)

    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_closing_keeps_the_material(browser: Client, body: Organisation) -> None:
    course = make_course(organiser=body)

    browser.post(f"/courses/{course.slug}/open/", {"takes": "no"})

    assert (
        "Nobody can enrol any more. The material stays"
        in Client().get(f"/courses/{course.slug}/").content.decode()
    )
    assert Client().get(f"/courses/{course.slug}/1/").status_code == 200


def test_demo_content_comes_once_is_marked_and_goes(db: None) -> None:
    from koinon.courses import invented

    invented.add()
    invented.add()
    rows = list(Course.objects.filter(is_demo=True))
    page = Client().get(rows[0].get_absolute_url()).content.decode()
    invented.remove()

    assert len(rows) == 2
    assert all("invented" in row.title for row in rows)
    assert "made up for demonstration" in page
    assert not Course.objects.exists()


def test_what_a_told_course_needs_stands_in_its_record(body: Organisation, manager: Visitor) -> None:
    from koinon.journal.models import Entry

    course = make_course(organiser=body)
    writing.set_open(course, by=manager, takes=False)

    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.actor) == ("course.closed", f"person:{manager.person_id}")
