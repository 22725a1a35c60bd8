"""Ten thousand questions in a desk: the inbox asks the database as often as with ten (how long it takes: `koinon bench desk`)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from bench.desk import FEW, MANY, fill
from koinon.people.testing import come_in
from koinon.questions.testing import make_desk

pytestmark = pytest.mark.django_db


def test_the_inbox_asks_as_often_for_ten_thousand_as_for_ten(
    client: Client, count_queries: Callable[..., Any]
) -> None:
    counted = []
    for number in (FEW, MANY):
        cache.clear()
        desk, worker = make_desk()
        fill(desk, worker, number)
        assert worker.person is not None
        browser = come_in(client, worker.person)
        browser.get("/desk/")
        with count_queries() as queries:
            shown = browser.get("/desk/")
        assert shown.context["page"].paginator.count == number * 6 // 10
        counted.append(len(queries))

    assert counted[0] == counted[1]
