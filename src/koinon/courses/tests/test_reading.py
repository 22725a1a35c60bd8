"""What everybody reads of courses: the list, a course, its modules, in whatever language there is."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from koinon.courses.models import Course, ModuleFile
from koinon.courses.testing import (
    make_cohort,
    make_course,
    make_module,
    make_quiz,
    make_translation,
    right_answers,
)
from koinon.network.testing import make_organisation, make_visitor
from koinon.people.testing import come_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]


def test_everybody_reads_a_course_and_each_of_its_modules(client: Client) -> None:
    course = make_course("Begin on Monday", about="Two parts.\n\nThe second.", modules=2)

    page = client.get(f"/courses/{course.slug}/").content.decode()
    module = client.get(f"/courses/{course.slug}/2/").content.decode()

    assert "Begin on Monday" in page
    assert "Step 1" in page
    assert "Step 2" in page
    assert "Read this." in module
    assert "Nothing is kept" in module


def test_a_draft_is_the_404_of_what_is_not_there(client: Client) -> None:
    course = make_course("Not yet", state="draft")

    answers = [
        client.get(address).status_code
        for address in (f"/courses/{course.slug}/", f"/courses/{course.slug}/1/", "/courses/no-such/")
    ]

    assert answers == [404, 404, 404]
    assert "Not yet" not in client.get("/courses/").content.decode()
    assert client.get(f"/api/v1/courses/{course.slug}").status_code == 404


def test_what_was_withdrawn_says_so(client: Client) -> None:
    course = make_course("Gone away", state="withdrawn")

    answer = client.get(f"/courses/{course.slug}/")

    assert answer.status_code == 410
    assert "This course was withdrawn" in answer.content.decode()


def test_a_translation_is_read_where_there_is_one_and_the_original_else(client: Client) -> None:
    course = make_course("Begin on Monday", modules=2)
    first = course.modules.get(number=1)
    make_translation(course, "fi")
    make_translation(course, "fi", first)

    told = client.get(f"/fi/courses/{course.slug}/1/").content.decode()
    missing = client.get(f"/fi/courses/{course.slug}/2/").content.decode()
    chosen = client.get(f"/courses/{course.slug}/1/?read=fi").content.decode()
    other = client.get(f"/courses/{course.slug}/2/?read=fi").content.decode()

    assert "Lue tämä." in told
    assert "Translated" not in missing
    assert 'lang="fi" dir="auto">Lue tämä.' in chosen
    assert "Read this." in missing
    assert "This is not told in Finnish yet. You read the original, in English." in other
    # The chosen language goes along to the next module.
    assert f'/courses/{course.slug}/2/?read=fi"' in chosen


def test_a_translation_of_an_original_that_has_changed_is_outdated(client: Client) -> None:
    course = make_course(modules=1)
    make_translation(course, "fi", course.modules.get())
    course.modules.update(text="Read something else.")

    page = client.get(f"/courses/{course.slug}/1/?read=fi").content.decode()

    assert "The original in English has changed since it was translated." in page


def test_a_machine_s_words_say_so(client: Client) -> None:
    course = make_course(modules=1)
    make_translation(course, "fi", course.modules.get(), made="machine", service="LibreTranslate")

    page = client.get(f"/courses/{course.slug}/1/?read=fi").content.decode()

    assert "Translated by a machine from English, read by nobody." in page
    assert "LibreTranslate" in page


def test_the_list_is_filtered_and_leaves_as_files(client: Client) -> None:
    body = make_organisation("House of learning")
    now = make_course("Begin today", organiser=body, topics=["co-creation"], level="second")
    later = make_course("Begin later")
    make_cohort(later)

    def found(**asked: str) -> list[str]:
        items = json.loads(client.get("/courses/", {"format": "json"} | asked).content)["items"]
        return [item["slug"] for item in items]

    assert found() == [now.slug, later.slug]
    assert found(when="dates") == [later.slug]
    assert found(level="second") == [now.slug]
    assert found(topic="co-creation") == [now.slug]
    assert found(organiser=body.slug) == [now.slug]
    assert found(q="later") == [later.slug]
    assert client.get("/courses/", {"level": "ninth"}).status_code == 400
    assert client.get("/courses/", {"format": "atom"}).headers["Content-Type"].startswith("application/atom")


def test_what_is_over_keeps_its_material(client: Client) -> None:
    course = make_course("It was in spring")
    make_cohort(course, days=-60)

    page = client.get(f"/courses/{course.slug}/").content.decode()

    assert "There are no dates to come. The material stays" in page
    assert client.get(f"/courses/{course.slug}/1/").status_code == 200
    assert (
        json.loads(client.get("/courses/?when=over&format=json").content)["items"][0]["slug"] == course.slug
    )


def test_a_quiz_is_answered_without_an_account_and_nothing_is_kept(client: Client) -> None:
    course = make_course(modules=0)
    quiz = make_quiz(course)

    answer = client.post(f"/courses/{course.slug}/1/", right_answers(quiz))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "4 of 4 answers are right." in page
    assert "Nothing of it is kept" in page
    assert "Because 1." in page
    assert not client.cookies


@pytest.mark.parametrize(
    ("position", "sent", "said"),
    [
        (1, "7", "Choose among the answers that are offered."),
        (1, ["0", "1"], "Choose one answer."),
        (2, "-1", "Choose among the answers that are offered."),
        (2, "0\x00", "Choose among the answers that are offered."),
        (3, "ninety", "Write a number, such as 12 or 3.5."),
        (3, "9" * 5000, "Write a number, such as 12 or 3.5."),
        (3, "NaN", "Write a number, such as 12 or 3.5."),
        (3, "1e9", "Write a number, such as 12 or 3.5."),
        (1, "²", "Choose among the answers that are offered."),
        (2, ["0", "0"], "Choose among the answers that are offered."),
        (2, [str(place) for place in range(60)], "Choose among the answers that are offered."),
    ],
)
def test_answers_out_of_range_are_refused_in_plain_words(
    client: Client, position: int, sent: str, said: str
) -> None:
    course = make_course(modules=0)
    quiz = make_quiz(course)
    question = quiz.questions.get(position=position)

    answer = client.post(f"/courses/{course.slug}/1/", right_answers(quiz) | {f"q{question.pk}": sent})

    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_what_could_not_be_understood_stands_in_the_form_as_it_was_typed(client: Client) -> None:
    course = make_course(modules=0)
    quiz = make_quiz(course)
    number, order = (quiz.questions.get(kind=kind) for kind in ("number", "order"))
    sent = right_answers(quiz) | {f"q{number.pk}": "ninety\x00five", f"q{order.pk}.0": "2"}

    page = client.post(f"/courses/{course.slug}/1/", sent).content.decode()

    assert f'value="ninetyfive" aria-invalid="true" aria-describedby="q{number.pk}-err"' in page
    assert page.count(f'aria-describedby="q{order.pk}-err"') == page.count(f'id="q{order.pk}-err"') == 1
    assert page.count('<option value="2" selected>') == 2
    assert page.count('<option value="3" selected>') == 1


@pytest.mark.parametrize("place", ["2", "0", "4", "-1", "²", "1\x00", "9" * 5000])
def test_an_order_gives_each_place_once(client: Client, place: str) -> None:
    course = make_course(modules=0)
    quiz = make_quiz(course)
    question = quiz.questions.get(kind="order")

    answer = client.post(f"/courses/{course.slug}/1/", right_answers(quiz) | {f"q{question.pk}.0": place})

    assert answer.status_code == 422
    assert "Give each place in the order once, from 1 to 3." in answer.content.decode()


def test_what_is_to_be_put_in_order_is_not_shown_in_order(client: Client) -> None:
    course = make_course(modules=0)
    quiz = make_quiz(course)
    name = f"q{quiz.questions.get(kind='order').pk}"

    page = client.get(f"/courses/{course.slug}/1/").content.decode()

    shown = re.findall(rf'<select id="{name}\.(\d)"', page)
    assert sorted(shown) == ["0", "1", "2"]
    assert shown != ["0", "1", "2"]


def test_a_file_is_saved_and_never_run(client: Client) -> None:
    course = make_course(modules=1)
    ModuleFile.objects.create(
        module=course.modules.get(), name="plan.pdf", kind="application/pdf", size=3, content=b"pdf"
    )

    answer = client.get(f"/courses/{course.slug}/1/file/")

    assert answer.content == b"pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_programs_read_a_course(client: Client) -> None:
    course = make_course("Begin </script> on Monday", requires="Nothing")
    make_cohort(course, capacity=3)

    page = client.get(f"/courses/{course.slug}/").content.decode()
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])  # type: ignore[index]
    api = client.get(f"/api/v1/courses/{course.slug}").json()
    every = client.get("/api/v1/courses").json()["items"]

    assert (data["@type"], data["name"]) == ("Course", "Begin </script> on Monday")
    assert data["hasCourseInstance"][0]["courseMode"] == "online"
    assert [part["number"] for part in api["parts"]] == [1, 2]
    assert (api["dates"][0]["seats"], api["dates"][0]["standing"]) == (3, "few")
    assert [item["slug"] for item in every] == [course.slug]
    assert client.get("/api/v1/courses?level=first").json()["items"] == every
    for wrong in ("odd=1", "level=ninth", "language=English"):
        assert client.get(f"/api/v1/courses?{wrong}").status_code == 422


def test_the_list_asks_as_often_for_many_as_for_one(
    client: Client, count_queries: Callable[..., Any]
) -> None:
    from koinon.courses.testing import forget

    make_cohort(make_course(), capacity=1)
    client.get("/courses/?level=first")
    counted = []
    for _more in range(2):
        forget()
        with count_queries() as queries:
            assert client.get("/courses/?level=first").status_code == 200
        counted.append(len(queries))
        for _other in range(2):
            make_cohort(make_course(), capacity=1)

    assert counted[0] == counted[1]


def test_a_course_asks_as_often_for_many_dates_as_for_one(
    client: Client, count_queries: Callable[..., Any]
) -> None:
    course = make_course()
    make_cohort(course, capacity=1)
    counted = []
    for _more in range(2):
        for address in (f"/courses/{course.slug}/?read=en", f"/api/v1/courses/{course.slug}"):
            client.get(address)
            with count_queries() as queries:
                assert client.get(address).status_code == 200
            counted.append(len(queries))
        for days in (40, 50):
            make_cohort(course, capacity=1, days=days)

    assert counted[:2] == counted[2:]


def test_a_session_in_a_course_is_named_only_where_everybody_may_see_it(client: Client) -> None:
    from koinon.agenda.testing import make_session

    course = make_course(modules=0)
    hidden = make_session("Behind closed doors", audience="invited")
    make_module(course, "Come along", kind="session", session=hidden)

    pages = [client.get(f"/courses/{course.slug}/{part}").content.decode() for part in ("", "1/")]

    assert not any("Behind closed doors" in page for page in pages)
    assert client.get(f"/api/v1/courses/{course.slug}").json()["parts"][0]["session"] is None


def test_staff_of_the_organiser_read_the_draft(client: Client) -> None:
    body = make_organisation()
    course = make_course(organiser=body, state="draft")
    editor = make_visitor("editor", body)
    assert editor.person is not None

    assert come_in(client, editor.person).get(f"/courses/{course.slug}/").status_code == 200
    assert Course.objects.filter(published_at__lte=timezone.now() + timedelta(days=1)).count() == 0
