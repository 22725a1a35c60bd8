"""What stands beside a call: practices like it, and answers that may help; each with why, nearest first."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT
from koinon.calls.models import Asked, Call
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.practices.listing import Row, rows
from koinon.questions.knowledge import answers_around
from koinon.questions.matching import matches
from koinon.questions.models import Answer, Question

SHOWN = 4


@dataclass(frozen=True)
class Practice:
    row: Row
    because: str


@dataclass(frozen=True)
class Told:
    answer: Answer
    because: str


def practices_for(call: Call, *, most: int = SHOWN) -> list[Practice]:
    """Practices with the call's topics and objectives, those from its own places first. What shares nothing is not shown."""
    codes = {place.pk for place in call.places.all()}
    found: list[tuple[float, str, Practice]] = []
    for row in rows():
        topics = [key for key in call.topics if key in row.topics]
        letters = [letter for letter in call.objectives if letter in row.objectives]
        if not topics and not letters:
            continue
        here = next(
            (place for place in row.places if codes & {place.pk, *place.ancestor_codes()} - {"EU"}), None
        )
        score = 2.0 * len(topics) + len(letters) + (3 if here is not None else 0) + 0.15 * row.evidence
        found.append((-score, row.slug, Practice(row, _because(topics, letters, here))))
    return [one for _score, _slug, one in sorted(found, key=lambda three: three[:2])[:most]]


def _because(topics: list[str], letters: list[str], here: Place | None) -> str:
    language = get_language() or DEFAULT
    words = {
        "topics": ", ".join(concepts.label(key, language) for key in topics),
        "letters": ", ".join(f"({letter})" for letter in letters),
        "place": here.display_name() if here is not None else "",
    }
    if here is not None and topics:
        return _("It was done in %(place)s, to which the call is open, and is about %(topics)s.") % words
    if here is not None:
        return _("It was done in %(place)s, to which the call is open, for objective %(letters)s.") % words
    if topics:
        return _("It is about %(topics)s, as the call is.") % words
    return _("It serves objective %(letters)s, as the call does.") % words


def answers_for(call: Call, *, most: int = SHOWN) -> list[Told]:
    """Answers to questions that began here; then under the call's programme, on its topics, of its words, or for its places.

    The number of queries does not depend on how many there are.
    """
    places = list(call.places.all())
    began = Asked.objects.filter(call=call).values("question")
    own = Answer.objects.public().filter(question__in=began).values_list("pk", flat=True)
    reasons = {pk: _("It was asked about this very call.") for pk in own[:most]}
    near = {pk: place for place in reversed(places) for pk in answers_around(place)}
    for match in matches(f"{call.title} {call.summary}", place=places[0] if places else None, most=most):
        reasons.setdefault(match.answer.pk, _("It speaks of the same as this call."))
    listed = Answer.objects.public().in_bulk(list(near))
    for pk, row in listed.items():
        if call.programme_id is not None and row.programme_id == call.programme_id:
            reasons.setdefault(pk, _("It is about the same programme."))
        elif set(row.topics) & set(call.topics):
            reasons.setdefault(pk, _("It is about the same topic, and holds where the call is open."))
        elif near[pk].pk != "EU":
            reasons.setdefault(pk, _("It holds for %(place)s.") % {"place": near[pk].display_name()})
    answers = Answer.objects.public().select_related("body").in_bulk(list(reasons)[: most * 2])
    return [Told(answers[pk], why) for pk, why in reasons.items() if pk in answers][:most]


def call_of(question: Question) -> Call | None:
    """The call at which a question began, as long as everybody may read it."""
    return Call.objects.public().filter(pk__in=Asked.objects.filter(question=question).values("call")).first()
