"""What is promised to those who work at a desk: nothing is lost, nothing is seen that is not theirs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from koinon.desk.forms import telling
from koinon.network.models import Organisation, Role
from koinon.network.testing import make_membership, make_organisation
from koinon.network.visitor import Visitor
from koinon.people.testing import come_in, make_person
from koinon.practices.models import Practice
from koinon.questions.actions import asking, publishing, working
from koinon.questions.life import State
from koinon.questions.models import Answer, Assignment, Desk, Question, Step
from koinon.questions.testing import make_desk, make_question, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_was_here() -> None:
    cache.clear()


@pytest.fixture
def desk() -> tuple[Organisation, Visitor]:
    return make_desk("Centre of Italy")


def browser(visitor: Visitor) -> Client:
    """A browser in which this visitor is signed in, with a proved session."""
    assert visitor.person is not None
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    return come_in(client, visitor.person, how="mfa", proved=True)


def page_of(client: Client, question: Question) -> str:
    return client.get(f"/desk/{question.number}/").content.decode()


# The inbox


def test_the_inbox_shows_what_waits_with_its_number(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    question = make_question("Which costs count for a new cooperative?", desk=centre)

    response = browser(ana).get("/desk/")

    assert response.status_code == 200
    assert [row.question for row in response.context["rows"]] == [question]
    assert {box.key: box.number for box in response.context["boxes"]}["waiting"] == 1


def test_each_question_stands_in_its_queue(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    ben = staff(centre, Role.Kind.EDITOR)
    waiting, mine, others, asker, answered = (make_question(desk=centre) for _ in range(5))
    working.take(mine, by=ana)
    working.take(others, by=ben)
    working.ask_back(asker, by=ben, text="What is it for?", language="en")
    working.answer(answered, by=ben, text="Yes, it does.", language="en")
    Question.objects.filter(pk=waiting.pk).update(due=timezone.localdate() - timedelta(days=3))
    client = browser(ana)

    queues = {
        key: [row.question for row in client.get(f"/desk/?box={key}").context["rows"]]
        for key in ("waiting", "late", "mine", "others", "asker", "answered")
    }

    assert queues == {
        "waiting": [waiting],
        "late": [waiting],
        "mine": [mine],
        "others": [others],
        "asker": [asker],
        "answered": [answered],
    }


def test_late_comes_first_and_newest_on_wish(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    first, second = make_question(desk=centre), make_question(desk=centre)
    Question.objects.filter(pk=second.pk).update(due=timezone.localdate() - timedelta(days=9))
    Question.objects.filter(pk=first.pk).update(asked_at=timezone.now() + timedelta(hours=1))
    client = browser(ana)

    by_due = [row.question for row in client.get("/desk/").context["rows"]]
    by_age = [row.question for row in client.get("/desk/?sort=newest").context["rows"]]

    assert (by_due, by_age) == ([second, first], [first, second])


def test_filters_stand_in_the_address(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    rent = make_question("Is the rent of an office eligible?", desk=centre)
    other = make_question("Wer berät unsere Gemeinde?", place="DE", language="de", desk=centre)
    Question.objects.filter(pk=rent.pk).update(topics=["a", "l"])
    client = browser(ana)

    def found(query: str) -> list[Question]:
        return [row.question for row in client.get(f"/desk/?{query}").context["rows"]]

    assert found("q=rent") == [rent]
    assert found(f"q={rent.number.lower()}") == [rent]
    assert found("country=DE") == [other]
    assert found("lang=de") == [other]
    assert found("topic=l") == [rent]
    assert found("topic=b") == []


def test_the_inbox_asks_as_often_for_200_as_for_10(
    desk: tuple[Organisation, Visitor], count_queries: Callable[..., Any]
) -> None:
    centre, ana = desk
    for _ in range(10):
        model = make_question(desk=centre)
    client = browser(ana)
    client.get("/desk/")
    with count_queries() as few:
        client.get("/desk/")
    rows = []
    for number in range(190):
        row = Question.objects.get(pk=model.pk)
        row.pk, row.number, row.seed, row.receipt = None, f"XX-{number}", f"s{number}", f"r{number}"
        rows.append(row)
    Question.objects.bulk_create(rows)
    with count_queries() as many:
        response = client.get("/desk/")

    assert response.context["page"].paginator.count == 200
    assert len(few) == len(many)
    assert len(many) <= 12, [query["sql"] for query in many.captured_queries]


def test_an_empty_queue_says_something_kind(desk: tuple[Organisation, Visitor]) -> None:
    _centre, ana = desk

    html = browser(ana).get("/desk/").content.decode()

    assert "Nothing waits for you" in html
    assert "was not measured yet" in html


def test_without_a_desk_one_reads_how_to_get_one(client: Client) -> None:
    person = make_person()
    mine = make_question("My own question?", by=staff(make_desk()[0], Role.Kind.INNOVATOR, person))

    response = come_in(client, person).get("/desk/")

    assert response.status_code == 200
    assert "You work at no desk yet" in response.content.decode()
    assert mine.number in response.content.decode()


def test_who_is_not_signed_in_is_led_to_signing_in(
    client: Client, desk: tuple[Organisation, Visitor]
) -> None:
    question = make_question(desk=desk[0])

    answers = [
        client.get("/desk/"),
        client.get("/desk/promise/"),
        client.get(f"/desk/{question.number}/"),
        client.post(f"/desk/{question.number}/take/"),
        client.get(f"/desk/{question.number}/publish/"),
    ]

    assert [answer.status_code for answer in answers] == [302] * 5
    assert {answer["Location"].partition("?")[0] for answer in answers} == {"/account/login/"}


@pytest.mark.parametrize("format_", ["json", "csv", "xlsx", "atom"])
def test_the_list_leaves_the_house_without_confidential_ones(
    desk: tuple[Organisation, Visitor], format_: str
) -> None:
    centre, ana = desk
    open_one = make_question("An ordinary question?", desk=centre)
    hidden = _confidential(make_question("canary-7f3a secret?", desk=centre), ana)

    response = browser(ana).get(f"/desk/?format={format_}")

    assert response.status_code == 200
    if format_ != "xlsx":
        assert open_one.number in response.content.decode()
        assert hidden.number not in response.content.decode()
        assert "canary" not in response.content.decode()


# One case


def test_the_case_shows_what_is_known_and_marks_notes(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    question = make_question("Which costs count?\nWe are seven people.", place="ITH5", desk=centre)
    working.note(question, by=ana, text="Rent is clear.", language="en")

    html = page_of(browser(ana), question)

    assert "Which costs count?" in html
    assert "We are seven people." in html
    assert "Rent is clear." in html
    assert "only for colleagues" in html
    assert "Emilia-Romagna" in html


def test_each_deed_is_done_by_its_form(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    ben = staff(centre, Role.Kind.EDITOR)
    other, _carl = make_desk("Authority of the region", kind=Role.Kind.AUTHORITY)
    client = browser(ana)

    def do(question: Question, what: str, **typed: Any) -> tuple[int, str]:
        question.refresh_from_db()
        response = client.post(f"/desk/{question.number}/{what}/", {"version": question.version, **typed})
        question.refresh_from_db()
        return response.status_code, question.state

    day = (timezone.localdate() + timedelta(days=20)).isoformat()
    one, two, three, four = (make_question(desk=centre) for _ in range(4))

    assert do(one, "take") == (302, State.TAKEN)
    assert do(one, "give-back", words="On leave") == (302, State.WAITING)
    assert do(one, "assign", person=ben.person_id) == (302, State.WAITING)
    assert one.assignments.get(state=Assignment.State.ASKED).person_id == ben.person_id
    assert do(one, "note", text="Ask the ministry.") == (302, State.WAITING)
    assert do(one, "new-date", due=day, reason="We wait for the ministry.") == (302, State.WAITING)
    assert one.due.isoformat() == day
    assert do(one, "language", language="it") == (302, State.WAITING)
    assert one.language == "it"
    assert do(one, "ask-back", text="What is it for?", language="it") == (302, State.ASKED_BACK)
    assert do(one, "answer", text="Yes, from the first day.", language="it") == (302, State.ANSWERED)
    assert do(two, "merge", into=one.number) == (302, State.MERGED)
    assert do(three, "decline", reason="outside", words="It is about taxes.") == (302, State.DECLINED)
    assert do(four, "forward", to="other", other=other.pk, reason="It is theirs.") == (302, State.WAITING)
    assert four.desk == other


def test_a_long_case_asks_as_often_as_a_short_one(
    desk: tuple[Organisation, Visitor], count_queries: Callable[..., Any]
) -> None:
    centre, ana = desk
    ben = staff(centre, Role.Kind.EDITOR)
    question = make_question(desk=centre)
    working.note(question, by=ana, text="First.", language="en")
    client = browser(ana)
    page_of(client, question)
    with count_queries() as few:
        page_of(client, question)
    for number in range(10):
        working.note(question, by=ben, text=f"Note {number}.", language="en")
    with count_queries() as many:
        html = page_of(client, question)

    assert "Note 9." in html
    assert len(few) == len(many)


def test_who_is_asked_accepts(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    ben = staff(centre, Role.Kind.EDITOR)
    assert ben.person is not None
    question = working.assign(make_question(desk=centre), by=ana, to=ben.person)
    client = browser(ben)
    assert "Yes, I handle it" in page_of(client, question)

    client.post(f"/desk/{question.number}/accept/", {"version": question.version})

    question.refresh_from_db()
    assert question.handler_id == ben.person_id


def test_the_next_level_takes_over_what_is_late(desk: tuple[Organisation, Visitor]) -> None:
    centre, _ana = desk
    above, dora = make_desk("Consortium", kind=Role.Kind.LEAD, country="")
    question = make_question(desk=centre)
    Question.objects.filter(pk=question.pk).update(escalations=1, escalated_to=above)
    client = browser(dora)
    assert [row.question for row in client.get("/desk/?box=escalated").context["rows"]] == [question]
    assert "Take it over" in page_of(client, question)

    client.post(f"/desk/{question.number}/take-over/")

    question.refresh_from_db()
    assert (question.desk, question.handler_id) == (above, dora.person_id)


def test_a_body_without_a_desk_cannot_be_chosen(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    client = browser(ana)
    question = make_question(place="ITH5", desk=centre)
    form = client.get(f"/desk/{question.number}/").context["forms"]["forward"]
    nobody = next(way.organisation for way in form.ways if way.days is None)
    assert "nobody works here yet" in page_of(client, question)

    response = client.post(
        f"/desk/{question.number}/forward/",
        {"version": question.version, "to": nobody.pk, "reason": "Please answer."},
    )

    question.refresh_from_db()
    assert (response.status_code, question.desk) == (422, centre)
    assert "Please answer." in response.content.decode()


# Two at once


@pytest.mark.parametrize("what", ["answer", "ask-back"])
def test_of_two_at_once_the_second_is_told_and_keeps_every_word(
    desk: tuple[Organisation, Visitor], what: str
) -> None:
    centre, ana = desk
    ben = staff(centre, Role.Kind.EDITOR)
    question = make_question(desk=centre)
    seen = question.version
    working.take(question, by=ben)

    response = browser(ana).post(
        f"/desk/{question.number}/{what}/",
        {"version": seen, "text": "Long words of mine", "language": "it", "publish": "on"},
    )

    html = response.content.decode()
    question.refresh_from_db()
    assert response.status_code == 409
    assert question.state == State.TAKEN
    assert "Somebody changed this a moment before" in html
    assert "Long words of mine</textarea>" in html
    assert f'name="version" value="{question.version}"' in html
    assert '<option value="it" selected>' in html


def test_words_stay_even_when_it_has_ended(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    question = working.answer(make_question(desk=centre), by=ana, text="First.", language="en")

    response = browser(ana).post(
        f"/desk/{question.number}/decline/",
        {"version": question.version, "reason": "other", "words": "Words for the asker"},
    )

    assert response.status_code == 409
    assert "Words for the asker</textarea>" in response.content.decode()


def test_two_who_look_see_each_other(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    anna = staff(centre, Role.Kind.EDITOR, make_person(name="Anna Rossi"))
    question = make_question(desk=centre)
    page_of(browser(anna), question)
    client = browser(ana)

    said = client.get(f"/desk/{question.number}/state/").json()

    assert said == {
        "version": question.version,
        "step": question.steps.last().pk,  # type: ignore[union-attr]
        "others": ["Anna Rossi"],
    }
    assert "Anna Rossi is looking at this too." in page_of(client, question)


# Who may not


def _confidential(question: Question, assigned: Visitor | None = None) -> Question:
    Question.objects.filter(pk=question.pk).update(confidential=True)
    if assigned is not None:
        Assignment.objects.create(
            question=question,
            person_id=assigned.person_id or 0,
            state=Assignment.State.ACCEPTED,
            at=timezone.now(),
        )
    question.refresh_from_db()
    return question


@pytest.mark.parametrize("who", ["sibling", "foreign", "no role", "author"])
def test_who_may_not_see_it_finds_what_is_not_there(desk: tuple[Organisation, Visitor], who: str) -> None:
    centre, _ana = desk
    visitor = {
        "sibling": lambda: make_desk("Sibling", country="IT")[1],
        "foreign": lambda: make_desk("Foreign", country="SI")[1],
        "no role": lambda: staff(centre, Role.Kind.INNOVATOR),
        "author": lambda: staff(centre, Role.Kind.INNOVATOR),
    }[who]()
    question = make_question("Is it ours?", desk=centre, by=visitor if who == "author" else staff(None))
    client = browser(visitor)
    absent = question.number[:-4] + "9999"
    ways = ["", "state/", "publish/"]
    deeds = ["take/", "answer/", "note/", "forward/", "merge/", "assign/", "take-over/", "publish/withdraw/"]

    for way in ways:
        there = client.get(f"/desk/{question.number}/{way}")
        not_there = client.get(f"/desk/{absent}/{way}")
        assert there.status_code == 404
        assert there.content.replace(question.number.encode(), absent.encode()) == not_there.content
    for deed in deeds:
        assert client.post(f"/desk/{question.number}/{deed}", {"text": "Some words"}).status_code == 404
    question.refresh_from_db()
    assert (question.version, question.steps.count()) == (1, 2)


def test_rank_gives_no_right_on_a_confidential_one(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    ben, coordinator = staff(centre, Role.Kind.EDITOR), staff(None)
    question = _confidential(make_question("canary-51c2?", desk=centre), ana)
    absent = question.number[:-4] + "9999"

    for visitor in (ben, coordinator):
        client = browser(visitor)
        inbox = client.get("/desk/")
        there, not_there = client.get(f"/desk/{question.number}/"), client.get(f"/desk/{absent}/")
        assert there.content.replace(question.number.encode(), absent.encode()) == not_there.content
        assert sum(box.number for box in inbox.context["boxes"]) == 0
        assert b"canary" not in inbox.content
        assert question.number not in inbox.content.decode()
    there = browser(ana).get(f"/desk/{question.number}/")
    assert there["Location"] == f"/support/{question.number}/"


def test_a_confidential_one_is_worked_on_its_own_page_only(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    question = _confidential(make_question("canary-88e1?", desk=centre), ana)
    client = browser(ana)
    weak = Client(headers={"Sec-Fetch-Site": "same-origin"})
    assert ana.person is not None
    come_in(weak, ana.person, how="code")

    deeds = ["take/", "note/", "answer/", "forward/", "publish/", "language/"]
    found = [client.post(f"/desk/{question.number}/{deed}", {"text": "Some words"}) for deed in deeds]

    assert {answer.status_code for answer in found} == {404}
    assert client.get(f"/desk/{question.number}/state/").status_code == 404
    assert f"/support/{question.number}/" in client.get("/desk/").content.decode()
    assert b"canary" not in weak.get("/desk/").content
    assert {box.number for box in weak.get("/desk/").context["boxes"]} == {0}
    assert weak.get(f"/desk/{question.number}/")["Location"] == f"/support/{question.number}/"


def test_an_editor_does_not_assign_nor_publish(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    ben = staff(centre, Role.Kind.EDITOR)
    question = make_question(desk=centre)
    client = browser(ben)

    assert "Ask a colleague" not in page_of(client, question)
    assert (
        client.post(f"/desk/{question.number}/assign/", {"person": ana.person_id, "version": 1}).status_code
        == 403
    )
    assert client.post(f"/desk/{question.number}/publish/", _copy()).status_code == 403


def test_a_lead_reads_a_member_s_case_without_its_notes(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    consortium, lead = make_desk("Consortium", kind=Role.Kind.LEAD, country="")
    make_membership(centre, consortium)
    question = make_question(desk=centre)
    working.note(question, by=ana, text="Between us.", language="en")
    client = browser(lead)

    html = page_of(client, question)

    assert question.number in html
    assert "Between us." not in html
    assert client.post(f"/desk/{question.number}/answer/", {"text": "Me too"}).status_code == 403


# Publishing


def _copy(**more: Any) -> dict[str, Any]:
    return {
        "asked": "Can a cooperative founded this year apply?",
        "text": "Yes, from the day of its registration.",
        "language": "en",
        "asked_language": "en",
        "places": ["IT"],
        "topics": ["a"],
        "sources": "https://example.eu/rule",
        "clean_of_names": "on",
        **more,
    }


def _answered(centre: Organisation, by: Visitor, *, consent: bool = True) -> Question:
    question = make_question("Can we apply?", desk=centre)
    working.answer(question, by=by, text="Yes. Call me: +39 051 123 4567", language="en")
    if consent:
        asking.decide(question, helped="yes", may_publish=True, may_follow_up=False)
    question.refresh_from_db()
    return question


def test_an_answer_is_published_with_consent(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    question = _answered(centre, ana)
    client = browser(ana)
    form = client.get(f"/desk/{question.number}/publish/").content.decode()
    assert "+39 051 123 4567" in form
    assert "Take out what could tell who asked" in form

    response = client.post(f"/desk/{question.number}/publish/", _copy())

    answer = Answer.objects.get(question=question)
    assert response.status_code == 302
    assert (answer.text, answer.sources) == (_copy()["text"], ["https://example.eu/rule"])
    assert [place.code for place in answer.places.all()] == ["IT"]


def test_a_published_answer_becomes_one_draft_and_both_lead_to_each_other(
    desk: tuple[Organisation, Visitor],
) -> None:
    centre, ana = desk
    question = _answered(centre, ana)
    client = browser(ana)
    page, way = f"/desk/{question.number}/publish/", f"/desk/{question.number}/publish/practice/"
    before = client.post(way)
    client.post(page, _copy())
    answer = Answer.objects.get(question=question)
    offered = "Draft a practice" in client.get(page).content.decode()

    first, second = client.post(way), client.post(way)

    practice = Practice.objects.get()
    version = practice.latest
    assert (before.status_code, offered) == (403, True)
    assert first["Location"] == second["Location"] == practice.get_absolute_url()
    assert (practice.organisation, practice.state) == (centre, "draft")
    assert (version.title, version.approach) == (answer.title, answer.text)
    assert (practice.origin_label, practice.origin_address) == (answer.title, answer.get_absolute_url())
    assert "The practice that came of it: draft" in client.get(page).content.decode()
    # A draft is its people's: the answer leads to it when everybody may read it.
    assert "The practice that came of it" not in client.get(answer.get_absolute_url()).content.decode()
    Practice.objects.update(state="published", shown=version, published_at=timezone.now())
    said = client.get(answer.get_absolute_url()).content.decode()
    assert f'<a href="{practice.get_absolute_url()}"' in said


def test_who_may_not_draft_for_the_body_is_offered_nothing(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    question = _answered(centre, ana)
    browser(ana).post(f"/desk/{question.number}/publish/", _copy())
    Answer.objects.update(body=make_organisation())

    page = browser(ana).get(f"/desk/{question.number}/publish/").content.decode()
    refused = browser(ana).post(f"/desk/{question.number}/publish/practice/")

    assert "Draft a practice" not in page
    assert (refused.status_code, Practice.objects.count()) == (403, 0)


def test_without_consent_nothing_is_published(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    question = _answered(centre, ana, consent=False)
    client = browser(ana)
    assert "The asker has not agreed" in client.get(f"/desk/{question.number}/publish/").content.decode()

    response = client.post(f"/desk/{question.number}/publish/", _copy())

    assert response.status_code == 409
    assert Answer.objects.count() == 0
    assert _copy()["text"] in response.content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sources": ""}, "Name at least one source"),
        ({"places": [], "more_places": ""}, "Choose at least one place"),
        ({"more_places": "NOWHERE"}, "There is no place with the key NOWHERE"),
        ({"clean_of_names": ""}, "nothing tells who asked"),
    ],
)
def test_what_is_missing_is_said(
    desk: tuple[Organisation, Visitor], change: dict[str, Any], said: str
) -> None:
    centre, ana = desk
    question = _answered(centre, ana)

    response = browser(ana).post(f"/desk/{question.number}/publish/", _copy(**change))

    assert response.status_code == 422
    assert said in response.content.decode()
    assert Answer.objects.count() == 0


def test_other_wordings_are_kept_and_the_answer_is_taken_off(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    question = _answered(centre, ana)
    client = browser(ana)
    client.post(f"/desk/{question.number}/publish/", _copy(sources="", no_source="on"))

    client.post(f"/desk/{question.number}/publish/also-asked/", {"text": "Possiamo?", "language": "it"})
    wordings = [(one.text, one.language) for one in Answer.objects.get().wordings.all()]
    client.post(f"/desk/{question.number}/publish/withdraw/", {"reason": "The rule changed"})

    assert wordings == [("Possiamo?", "it")]
    assert Answer.objects.public().count() == 0


def test_the_reply_leads_to_publishing_where_it_was_wished(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    question = make_question(desk=centre)
    asking.decide(question, helped="", may_publish=True, may_follow_up=False)
    question.refresh_from_db()

    response = browser(ana).post(
        f"/desk/{question.number}/answer/",
        {"version": question.version, "text": "Yes, it does.", "language": "en", "publish": "on"},
    )

    assert response["Location"] == f"/desk/{question.number}/publish/?done=answer"


def test_a_machine_finds_addresses_numbers_and_links() -> None:
    text = "Write to ana@example.eu or call 051 123 4567, see https://example.eu/a. In 2026 it was 14 %."

    assert telling(text) == ["ana@example.eu", "051 123 4567", "https://example.eu/a."]


# Inserting, promise, hostile words


def test_without_script_a_link_inserts_an_answer_and_a_sentence(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    old = _answered(centre, ana)
    published = publishing.publish(
        old,
        by=ana,
        asked="Can a cooperative apply?",
        text="Yes, from its registration.",
        language="en",
        asked_language="en",
        places=[old.place],
    )
    question = make_question("Can our cooperative apply?", desk=centre)
    client = browser(ana)
    assert f"?insert={published.pk}" in page_of(client, question)

    html = client.get(f"/desk/{question.number}/?insert={published.pk}&words=thanks").content.decode()

    assert "Thank you for your question.\n\nYes, from its registration.</textarea>" in html


def test_the_head_of_a_desk_sets_its_promise(desk: tuple[Organisation, Visitor]) -> None:
    centre, ana = desk
    client = browser(ana)
    assert client.get("/desk/promise/").status_code == 200

    response = client.post("/desk/promise/", {"desk": centre.pk, "days": 5, "take_days": 2})

    assert response.status_code == 302
    assert Desk.objects.values_list("organisation", "days", "take_days").get() == (centre.pk, 5, 2)
    assert client.post("/desk/promise/", {"desk": centre.pk, "days": 0, "take_days": 2}).status_code == 422


def test_nobody_else_sets_it(desk: tuple[Organisation, Visitor]) -> None:
    centre, _ana = desk
    typed = {"desk": centre.pk, "days": 5, "take_days": 2}

    answers = [
        browser(staff(centre, Role.Kind.EDITOR)).post("/desk/promise/", typed),
        browser(make_desk("Sibling")[1]).post("/desk/promise/", typed),
        browser(staff(None)).post("/desk/promise/", typed),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Desk.objects.count() == 0


HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)> is it so?",
    "override": "Is it \u202eso?",
    "long": "a" * 100_000,
    "nul": "a\x00b is it so?",
    "blank": " \n\t ",
    "tower": "Z" + "\u0301" * 40 + "algo",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_words_are_refused_or_harmless(desk: tuple[Organisation, Visitor], kind: str) -> None:
    centre, ana = desk
    question = make_question(desk=centre)
    client = browser(ana)

    response = client.post(f"/desk/{question.number}/note/", {"text": HOSTILE[kind]})

    if kind == "markup":
        html = page_of(client, question)
        assert response.status_code == 302
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    else:
        assert response.status_code == 422
        assert question.steps.filter(kind=Step.Kind.NOTE).count() == 0


@pytest.mark.parametrize(
    "query",
    ["box=nonsense", "page=9999", "sort=%00", "q=" + "x" * 500, "topic=%22", "insert=%F0", "format=exe"],
)
def test_strange_addresses_do_no_harm(desk: tuple[Organisation, Visitor], query: str) -> None:
    centre, ana = desk
    question = make_question(desk=centre)
    client = browser(ana)

    answers = [client.get(f"/desk/?{query}"), client.get(f"/desk/{question.number}/?{query}")]

    assert all(answer.status_code in {200, 400, 404, 422} for answer in answers)
