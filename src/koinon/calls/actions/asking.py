"""Asking about a call: a question like any other, which goes to who opened the call and remembers where it began."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from koinon.base.languages import without_language
from koinon.base.visitor import Visitor
from koinon.calls.check import Reason
from koinon.calls.models import Asked, Call
from koinon.network.actions.roles import site
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.questions import routing
from koinon.questions.actions import asking
from koinon.questions.models import Question
from koinon.questions.staff import staffed

MOST_LETTERS = 1500


def who_answers(call: Call) -> Organisation | None:
    """Who opened the call, if somebody works there; else who keeps its entry; None: whoever is nearest to the asker."""
    bodies = [body for body in (call.opener, call.keeper) if body is not None]
    there = staffed(bodies)
    return next((body for body in bodies if body.pk in there), None)


@transaction.atomic
def ask(
    call: Call,
    *,
    by: Visitor,
    place: Place,
    text: str,
    nonce: str,
    email: str = "",
    page_language: str = "en",
) -> tuple[Question, str]:
    """Ask about a call. Returns the question and the code of its private page. The same form sent twice asks once."""
    body = who_answers(call)
    way = routing.to(body, place=place, rung="call") if body is not None else None
    about = f"{call.title}\n{site()}{without_language(call.get_absolute_url())}"
    question, code = asking.ask(
        place,
        by=by,
        text=f"{text}\n\n{about}",
        nonce=nonce,
        email=email,
        page_language=page_language,
        way=way,
    )
    Asked.objects.get_or_create(question=question, defaults={"call": call})
    return question, code


def address(call: Call, place: Place | None, open_points: Sequence[Reason]) -> str:
    """Where one asks about a call, with what is not known filled in."""
    points = [f"– {one.text}" for one in open_points if one.text]
    text = (
        "\n".join([_("I would like to know whether we may apply. Not clear to us:"), *points])
        if points
        else ""
    )
    given = {"place": place.key if place is not None else "", "text": text[:MOST_LETTERS]}
    query = urlencode({name: value for name, value in given.items() if value})
    return reverse("calls:ask", args=[call.slug]) + (f"?{query}" if query else "")
