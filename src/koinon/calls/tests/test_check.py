"""Can my city apply? Never a false yes; every line says what it rests on."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koinon.calls.check import Case, Reason, overall, verdict
from koinon.calls.models import Call, Condition
from koinon.calls.testing import make_call
from koinon.calls.words import Applicant, Kind, Stage
from koinon.network.models import Stand
from koinon.places.models import Place

pytestmark = pytest.mark.django_db
BOLOGNA = "bologna-3181928"
KINDS: tuple[dict[str, Any], ...] = (
    {"kind": Kind.PARTNERS, "number": 2, "says": "Three bodies at least.", "section": "Section 3"},
    {"kind": Kind.ABROAD, "number": 1},
    {"kind": Kind.START_FROM, "day": date(2027, 3, 1)},
    {"kind": Kind.START_UNTIL, "day": date(2027, 9, 1)},
    {"kind": Kind.MONTHS_MOST, "number": 24},
    {"kind": Kind.MONTHS_LEAST, "number": 6},
    {"kind": Kind.YEARS_LEAST, "number": 2},
    {"kind": Kind.YEARS_MOST, "number": 30},
    {"kind": Kind.SHARE, "number": 5},
    {"kind": Kind.YES, "question": "Were residents asked?"},
    {"kind": Kind.NO, "question": "Is it a building?"},
)


def place(key: str = BOLOGNA) -> Place:
    found = Place.objects.find(key)
    assert found is not None
    return found


def answer(call: Call, case: Case, **more: Any) -> str:
    return str(whole(call, case, **more).outcome)


def whole(call: Call, case: Case, **more: Any) -> Any:
    given_or: dict[str, Any] = {"stage": Stage.OPEN, "stand": Stand.CHECKED} | more
    return verdict(call, list(call.conditions.all()), case, **given_or)


def right(call: Call) -> Case:
    """A case that fits all conditions there can be."""
    own: dict[int, Any] = {one.pk: one.kind for one in call.conditions.all() if one.kind in {"yes", "no"}}
    return Case(place(), "municipality", 3, 1, date(2027, 5, 1), 12, 10, 20, own)


def test_all_that_fits_is_a_yes() -> None:
    call = make_call(conditions=KINDS)

    assert answer(call, right(call)) == "yes"


@pytest.mark.parametrize(
    "name", ["place", "who", "partners", "abroad", "start", "months", "years", "share", "own"]
)
def test_one_thing_that_was_not_said_is_no_yes(name: str) -> None:
    call = make_call(conditions=KINDS)
    nothing: Any = {"who": "", "own": {}}.get(name)

    assert answer(call, replace(right(call), **{name: nothing})) == "ask"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("who", "company"),
        ("partners", 1),
        ("abroad", 0),
        ("start", date(2027, 2, 28)),
        ("start", date(2027, 9, 2)),
        ("months", 25),
        ("months", 5),
        ("years", 1),
        ("years", 31),
        ("share", 4),
    ],
)
def test_one_thing_that_does_not_fit_is_a_no(name: str, wrong: Any) -> None:
    call = make_call(conditions=KINDS)

    assert answer(call, replace(right(call), **{name: wrong})) == "no"


def test_a_question_of_its_own_is_answered_as_the_call_wants_it() -> None:
    call = make_call(conditions=KINDS)
    case = right(call)
    turned: dict[int, Any] = {pk: "no" if said == "yes" else "yes" for pk, said in case.own.items()}

    assert [answer(call, replace(case, own=case.own | {pk: said})) for pk, said in turned.items()] == [
        "no",
        "no",
    ]


@pytest.mark.parametrize(
    ("key", "outcome"),
    [
        (BOLOGNA, "yes"),
        ("ITH55", "yes"),
        ("ITH5", "yes"),
        ("IT", "ask"),
        ("EU", "ask"),
        ("MT", "no"),
        ("ITC4", "no"),
    ],
)
def test_a_place_lies_in_it_or_holds_it_or_neither(key: str, outcome: str) -> None:
    call = make_call(places=("ITH5",))

    assert answer(call, Case(place(key), "municipality")) == outcome


def test_all_member_states_are_all_places() -> None:
    call = make_call(places=("EU",))

    assert answer(call, Case(place(), "municipality")) == "yes"


@pytest.mark.parametrize(
    "change",
    [
        {"conditions_whole": False},
        {"who": []},
        {"places": ()},
        {"closes": None},
        {"closes": None, "no_deadline": "Until the money is spent."},
    ],
)
def test_what_is_not_stated_of_the_call_is_no_yes(change: dict[str, Any]) -> None:
    call = make_call(**change)

    assert answer(call, Case(place(), "municipality")) == "ask"


@pytest.mark.parametrize("stand", [Stand.UNSURE, Stand.STALE, Stand.SPLIT])
def test_what_is_unsure_about_the_call_is_no_yes(stand: Stand) -> None:
    call = make_call()

    assert answer(call, Case(place(), "municipality"), stand=stand) == "ask"


def test_a_closed_call_is_a_no_and_one_to_come_is_not() -> None:
    call = make_call(opens_on=date(2027, 1, 1))
    case = Case(place(), "municipality")

    assert answer(call, case, stage=Stage.CLOSED) == "no"
    assert answer(call, case, stage=Stage.COMING) == "yes"


def test_what_nobody_can_settle_here_is_asked() -> None:
    call = make_call(conditions=({"kind": Kind.UNCHECKED, "question": "Debts."},))

    assert answer(call, Case(place(), "municipality")) == "ask"


def test_who_lacks_a_partner_can_see_to_it_and_who_is_elsewhere_cannot() -> None:
    call = make_call(conditions=({"kind": Kind.PARTNERS, "number": 1},))

    assert whole(call, Case(place(), "municipality", 0)).mendable
    assert not whole(call, Case(place("MT"), "municipality", 0)).mendable


def test_every_reason_from_a_condition_carries_the_text_it_rests_on() -> None:
    call = make_call(conditions=KINDS)

    said = [(one.says, one.section) for one in whole(call, right(call)).reasons[3:]]

    assert said == [(one.says, one.section) for one in call.conditions.all()]
    assert said[0] == ("Three bodies at least.", "Section 3")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.sampled_from(["yes", "no", "ask"]), max_size=8))
def test_one_no_is_no_and_only_all_yes_are_yes(outcomes: list[Any]) -> None:
    found = overall([Reason(one, "", "") for one in outcomes])

    assert (found == "no") == ("no" in outcomes)
    assert (found == "yes") == (bool(outcomes) and set(outcomes) == {"yes"})


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    who=st.sampled_from(["", *Applicant.values]),
    number=st.integers(0, 5),
    given_number=st.none() | st.integers(0, 5),
    kind=st.sampled_from([Kind.PARTNERS, Kind.ABROAD, Kind.MONTHS_MOST, Kind.YEARS_LEAST, Kind.SHARE]),
    is_whole=st.booleans(),
    stand=st.sampled_from(list(Stand)),
    closes=st.none() | st.just(timezone.now() + timedelta(days=30)),
)
def test_never_a_false_yes(
    who: str,
    number: int,
    given_number: int | None,
    kind: Kind,
    is_whole: bool,
    stand: Stand,
    closes: datetime | None,
) -> None:
    """Whatever is asked: a yes comes only where each thing is known and fits."""
    call = Call(who=["municipality"], conditions_whole=is_whole, closes_at=closes)
    condition = Condition(kind=kind, number=number, says="So.")
    here = Place(code="IT", kind="country", level=0, country="IT")
    case = Case(here, who, given_number, given_number, None, given_number, given_number, given_number)
    from unittest.mock import patch

    with patch.object(Call, "places") as places:
        places.all.return_value = [here]
        found = verdict(call, [condition], case, stage=Stage.OPEN, stand=stand).outcome

    if found == "yes":
        assert given_number is not None
        assert given_number <= number if kind == Kind.MONTHS_MOST else given_number >= number
        assert who == "municipality"
        assert is_whole
        assert closes is not None
        assert stand in {Stand.HELD, Stand.CHECKED, Stand.NOT_FOUND}


# As a page.


def test_the_page_answers_with_reasons_and_shows_the_way_to_ask(client: Client) -> None:
    call = make_call(
        places=("ITH5",), conditions=({"kind": Kind.PARTNERS, "number": 1, "section": "Section 3"},)
    )

    page = client.get(
        f"/calls/{call.slug}/check/", {"place": BOLOGNA, "who": "municipality"}
    ).content.decode()

    assert "Can Bologna apply?" in page
    assert 'data-outcome="ask"' in page
    assert "Bologna lies in Emilia-Romagna." in page
    assert "Section 3" in page
    assert f"/calls/{call.slug}/ask/?place={BOLOGNA}" in page


def test_the_page_asks_only_what_the_call_asks(client: Client) -> None:
    call = make_call(conditions=({"kind": Kind.SHARE, "number": 5},))

    page = client.get(f"/calls/{call.slug}/check/").content.decode()

    assert 'name="share"' in page
    assert 'name="partners"' not in page


@pytest.mark.parametrize(
    "query",
    [
        {"place": "Nowhereville"},
        {"place": "a" * 3000},
        {"who": "king"},
        {"partners": "-1"},
        {"partners": "NaN"},
        {"partners": "9" * 400},
        {"start": "2027-02-30"},
        {"start": "9999-12-31"},
        {"place": "\u202egnola"},
    ],
)
def test_what_cannot_be_understood_is_told_and_never_a_yes(client: Client, query: dict[str, str]) -> None:
    call = make_call(
        conditions=({"kind": Kind.PARTNERS, "number": 0}, {"kind": Kind.START_FROM, "day": date(2027, 3, 1)})
    )
    fits = {"place": BOLOGNA, "who": "municipality", "partners": "1", "start": "2027-04-01"}
    assert 'data-outcome="yes"' in client.get(f"/calls/{call.slug}/check/", fits).content.decode()

    answer = client.get(f"/calls/{call.slug}/check/", fits | query)

    assert answer.status_code == 422
    assert 'class="verdict" role="status" data-outcome="yes"' not in answer.content.decode()


def test_partners_abroad_can_be_said_while_all_partners_are_left_open(client: Client) -> None:
    call = make_call(conditions=({"kind": Kind.PARTNERS, "number": 2}, {"kind": Kind.ABROAD, "number": 1}))

    left_open = client.get(f"/calls/{call.slug}/check/", {"abroad": "1"})
    too_many = client.get(f"/calls/{call.slug}/check/", {"abroad": "2", "partners": "1"})

    assert (left_open.status_code, too_many.status_code) == (200, 422)
    assert 'data-outcome="ask"' in left_open.content.decode()


def test_a_question_goes_to_who_opened_it_and_remembers_the_call(client: Client) -> None:
    from koinon.calls.models import Asked
    from koinon.network.models import Role
    from koinon.network.testing import make_organisation, make_visitor
    from koinon.questions.models import Question

    opener = make_organisation("The authority", kind="authority")
    make_visitor(Role.Kind.AUTHORITY, opener)
    call = make_call("Tried with residents", opener=opener, opener_text="")
    typed = {"text": "May a union of three municipalities apply?", "place": BOLOGNA, "nonce": "nonce-12345"}

    for _again in range(2):
        sent = client.post(f"/calls/{call.slug}/ask/", typed, headers={"Sec-Fetch-Site": "same-origin"})

    question = Question.objects.get()
    assert sent.status_code == 302
    assert question.desk == opener
    assert Asked.objects.get(question=question).call == call
    assert f"/calls/{call.slug}/" in question.text
    assert "Tried with residents" in question.text
    receipt = client.get(sent["Location"]).content.decode()
    assert "The authority opened the call" in receipt


def test_its_answer_stands_beside_the_call_and_the_desk_sees_where_it_began(client: Client) -> None:
    from koinon.calls.beside import answers_for, call_of
    from koinon.calls.models import Asked
    from koinon.questions.models import Answer
    from koinon.questions.testing import make_question

    call, question = make_call("Tried with residents"), make_question()
    words = {"asked": "May we?", "text": "You may.", "language": "en", "asked_language": "en"}
    answer = Answer.objects.create(question=question, **words)
    Asked.objects.create(call=call, question=question)

    told = answers_for(call)

    assert [(one.answer, one.because) for one in told][:1] == [(answer, "It was asked about this very call.")]
    assert call_of(question) == call


def test_without_a_desk_it_goes_to_the_nearest(client: Client) -> None:
    from koinon.questions.models import Question

    call = make_call()
    typed = {"text": "May we apply?", "place": BOLOGNA, "nonce": "nonce-12345"}

    client.post(f"/calls/{call.slug}/ask/", typed, headers={"Sec-Fetch-Site": "same-origin"})

    assert Question.objects.get().because["rung"] != "call"
    assert Question.objects.get().asked_at <= timezone.now()
