"""The public register: no names, and no figure below five, not even by subtraction."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koinon.questions import register
from koinon.questions.models import Question
from koinon.questions.register import FOLDED, LEAST, Case
from koinon.questions.testing import make_question

CASE = Case(date(2026, 10, 1), "2026-Q4", "IT", "city", "answered", "", "", 3)


@pytest.mark.django_db
def test_confidential_ones_are_in_no_figure() -> None:
    for _ in range(6):
        make_question(place="IT")
    before = register.cases()
    Question.objects.filter(pk=make_question(place="IT").pk).update(confidential=True)

    assert register.cases() == before
    assert len(before) == 6


@pytest.mark.django_db
def test_fewer_than_five_in_a_quarter_are_not_told() -> None:
    for _ in range(4):
        make_question(place="IT")

    assert register.cases() == []


rows = st.lists(
    st.builds(
        replace,
        st.just(CASE),
        quarter=st.sampled_from(["2026-Q3", "2026-Q4"]),
        country=st.sampled_from(["IT", "MT", "DE"]),
        level=st.sampled_from(["city", "region", "country"]),
        result=st.sampled_from(["open", "answered", "declined"]),
        topics=st.sampled_from(["", "l", "h k"]),
    ),
    max_size=60,
)


@given(rows)
def test_each_figure_one_can_count_is_five_or_more(found: list[Case]) -> None:
    for shown in _stages(found):
        for part in ("country", "level", "result", "topics"):
            order = ["quarter", "country", "level", "result", "reason", "topics"]
            prefix = order[: order.index(part) + 1]
            sizes = Counter(tuple(getattr(case, name) for name in prefix) for case in shown)
            # A folded remainder may be small only where the whole of which it is a part is folded too.
            for group, size in sizes.items():
                whole = sum(n for other, n in sizes.items() if other[:-1] == group[:-1])
                assert size >= LEAST or whole == size, (part, group, size)


def _stages(found: list[Case]) -> list[list[Case]]:
    return [register.folded(found)]


@given(rows)
def test_folding_loses_no_row_but_those_of_small_quarters(found: list[Case]) -> None:
    quarters = Counter(case.quarter for case in found)
    kept = sum(n for n in quarters.values() if n >= LEAST)

    assert len(register.folded(found)) == kept
    assert all(case.country != FOLDED or case.level == FOLDED for case in register.folded(found))


def test_tallies_count_what_the_register_shows() -> None:
    shown = register.folded([CASE] * 5 + [replace(CASE, result="declined", reason="abuse")] * 2)
    lines = {tally.label: tally.number for tally in register.tallies(shown)}

    # Two declined would show, so they are folded with the five.
    assert lines["Questions"] == 7
    assert lines["Answered"] + lines["Folded, because fewer than five would show"] == 7
    assert lines["Declined"] == 0
