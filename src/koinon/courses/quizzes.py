"""How a quiz is shown and checked. Answers are places of choices, so that they hold in every language."""

import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict
from django.utils.translation import gettext as _

from koinon.courses.models import Question
from koinon.courses.words import QuestionKind

Given = list[int] | Decimal | None


@dataclass(frozen=True)
class Result:
    """One answer, and whether it is right."""

    question: Question
    given: Given
    is_right: bool


def check(question: Question, given: Given) -> Result:
    """Whether it is right; nothing given is not."""
    if given is None:
        return Result(question, given, False)
    if question.kind == QuestionKind.NUMBER:
        right = question.number
        near = isinstance(given, Decimal) and right is not None and abs(given - right) <= question.within
        return Result(question, given, bool(near))
    chosen = given if isinstance(given, list) else []
    if question.kind == QuestionKind.ORDER:
        return Result(question, chosen, chosen == list(range(len(question.choices))))
    return Result(question, chosen, sorted(chosen) == sorted(question.right))


def kept(given: Given) -> list[int] | str:
    """As it is written down."""
    return given if isinstance(given, list) else plain_number(given)


def plain_number(number: Decimal | None) -> str:
    """Without noughts at the end: 95, 3.5."""
    return "" if number is None else f"{number.normalize():f}"


def shown_order(question: Question) -> list[int]:
    """The places of the choices as they are shown: as written; what is to be put in order is mixed, always the same way."""
    places = list(range(len(question.choices)))
    if question.kind != QuestionKind.ORDER:
        return places

    def lot(place: int) -> bytes:
        return hashlib.sha256(f"{question.pk}:{place}".encode()).digest()

    mixed = sorted(places, key=lot)
    # What comes out as it was written would give the answer away.
    return mixed if mixed != places else mixed[1:] + mixed[:1]


_NUMBER = re.compile(r"[-+]?\d{1,11}(?:[.,]\d{1,4})?", re.ASCII)


def parse(question: Question, data: QueryDict) -> tuple[Given, str]:
    """What was chosen or typed, and what is wrong with it: a sentence, empty where nothing is. None: nothing was given."""
    name = f"q{question.pk}"
    if question.kind == QuestionKind.NUMBER:
        return _number(data.get(name, ""))
    if question.kind == QuestionKind.ORDER:
        return _order(question, [data.get(f"{name}.{place}", "") for place in range(len(question.choices))])
    values = [value for value in data.getlist(name) if value]
    known = {str(place) for place in range(len(question.choices))}
    if not set(values) <= known or len(set(values)) != len(values):
        return None, _("Choose among the answers that are offered.")
    if question.kind == QuestionKind.SINGLE and len(values) > 1:
        return None, _("Choose one answer.")
    return (sorted(int(value) for value in values) if values else None), ""


def _number(typed: str) -> tuple[Given, str]:
    plain = "".join(typed[:60].split())
    if not plain:
        return None, ""
    if not _NUMBER.fullmatch(plain):
        return None, _("Write a number, such as 12 or 3.5.")
    return Decimal(plain.replace(",", ".")), ""


def _order(question: Question, ranks: list[str]) -> tuple[Given, str]:
    if not any(ranks):
        return None, ""
    wanted = {str(rank) for rank in range(1, len(question.choices) + 1)}
    if set(ranks) != wanted:
        return None, _("Give each place in the order once, from 1 to %(last)s.") % {"last": len(wanted)}
    return sorted(range(len(ranks)), key=lambda place: int(ranks[place])), ""


def given_again(question: Question, kept_answer: object) -> Given:
    """What was written down, as it was given; None where it does not fit the question any more."""
    if question.kind == QuestionKind.NUMBER:
        return (
            Decimal(kept_answer) if isinstance(kept_answer, str) and _NUMBER.fullmatch(kept_answer) else None
        )
    places = range(len(question.choices))
    if isinstance(kept_answer, list) and all(isinstance(one, int) and one in places for one in kept_answer):
        return kept_answer
    return None
