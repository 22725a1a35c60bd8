"""What comes from a session: its questions lie at a desk with the receipts their askers hold already."""

from django.db import transaction

from koinon.network.visitor import Visitor
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.questions import routing
from koinon.questions.actions import asking, telling
from koinon.questions.actions.steps import add, lock, move
from koinon.questions.life import OPEN, State
from koinon.questions.models import Question, Step


@transaction.atomic
def carry(
    place: Place,
    *,
    text: str,
    language: str,
    page_language: str,
    seed: str,
    author: Person | None = None,
    way: routing.Route | None = None,
    into: Question | None = None,
) -> Question:
    """Put what was asked in a session on a desk; done once, whatever how often it is called.

    `way`: the desk that moderators chose; else it is routed. `into`: it is a wording of this question and gets its answer;
    its asker keeps a receipt of their own.
    """
    question, _code = asking.ask(
        place,
        by=Visitor(person=author),
        text=text,
        nonce="",
        language=language,
        page_language=page_language,
        channel=Question.Channel.SESSION,
        seed=seed,
        way=way,
        tell=into is None,
    )
    if into is not None:
        _join(question, into)
    return question


def _join(question: Question, into: Question) -> None:
    now, target = lock(question), lock(into)
    if now.pk == target.pk or now.state not in OPEN:
        return
    move(now, State.MERGED, merged_into=target, handler=None)
    step = add(now, Step.Kind.MERGED, body=now.desk, details={"into": target.number})
    telling.tell_asker(now, step)
    question.refresh_from_db()
