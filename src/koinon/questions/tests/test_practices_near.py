"""A published answer leads to the practices that speak of the same."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from koinon.places.models import Place
from koinon.practices.testing import make_practice
from koinon.questions.actions import publishing, working
from koinon.questions.models import Answer, Question
from koinon.questions.testing import make_desk, make_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer() -> Answer:
    """About homelessness, for Belgium."""
    desk, worker = make_desk(country="BE")
    question = make_question("Who pays a flat for homeless people?", place="BE", desk=desk)
    Question.objects.filter(pk=question.pk).update(may_publish=True)
    question.refresh_from_db()
    working.answer(question, by=worker, text="The region.", language="en", version=question.version)
    question.refresh_from_db()
    return publishing.publish(
        question,
        by=worker,
        asked="Who pays a flat for homeless people?",
        text="The region does.",
        language="en",
        asked_language="en",
        places=[Place.objects.get(pk="BE")],
    )


def test_practices_on_the_same_topic_stand_beside_it_those_of_its_place_first(
    client: Client, answer: Answer
) -> None:
    make_practice("Far away", places=("FI",), topics=("homelessness",))
    make_practice("At home", places=("BE",), topics=("homelessness",), kind="failed", language="fr")
    make_practice("Of something else", places=("BE",), topics=("childcare",))
    make_practice("A draft", places=("BE",), topics=("homelessness",), state="draft")

    page = client.get(answer.get_absolute_url()).content.decode()
    beside = page[page.index('id="practices-h"') :].split("</section>")[0]

    assert beside.index("At home") < beside.index("Far away")
    assert "It speaks of this: homelessness." in beside
    assert "An attempt that did not work." in beside
    assert "Told in French; no translation yet." in beside
    assert "Of something else" not in page
    assert "A draft" not in page


def test_where_none_speaks_of_it_nothing_stands_there(client: Client, answer: Answer) -> None:
    make_practice("Of something else", topics=("childcare",))

    assert "practices-h" not in client.get(answer.get_absolute_url()).content.decode()


def test_three_cost_no_query_more(client: Client, answer: Answer, count_queries: Callable[[], Any]) -> None:
    def asked() -> int:
        client.get("/practices/?q=")
        with count_queries() as queries:
            client.get(f"{answer.get_absolute_url()}?for=BE")
        return len(queries)

    none = asked()
    for number in range(3):
        make_practice(f"P{number}", topics=("homelessness",))

    assert asked() == none
