"""What waits for whoever reviews: the longest waiting first, never what one wrote oneself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from koinon.network.models import Organisation, Role
from koinon.network.testing import make_organisation
from koinon.people.models import Person
from koinon.practices.models import Review
from koinon.practices.testing import make_practice
from koinon.practices.tests.helping import browser, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre() -> Organisation:
    return make_organisation("Centre of Belgium", country="BE")


@pytest.fixture
def manager(centre: Organisation) -> Person:
    return somebody(Role.Kind.MANAGER, centre)


def waiting(person: Person) -> list[str]:
    """The titles in the inbox, in their order."""
    page = browser(person).get("/practices/inbox/")
    assert page.status_code == 200
    return [version.title for version in page.context["versions"]]


def test_what_waits_for_somebody_is_what_that_person_may_decide(
    centre: Organisation, manager: Person
) -> None:
    late = make_practice("Longest", state="submitted", centre=centre).latest
    late.submitted_at = timezone.now() - timedelta(days=3)
    make_practice("Newer", state="submitted", centre=centre)
    late.save()
    make_practice("Own", state="submitted", centre=centre, owner=manager)
    make_practice("Written by the same", state="submitted", centre=centre).latest.writers.add(manager)
    make_practice("Draft", state="draft", centre=centre)
    make_practice("Of another centre", state="submitted", centre=make_organisation("Other", country="FI"))

    assert waiting(manager) == ["Longest", "Newer"]


def test_who_is_named_sees_it_until_it_is_reviewed(centre: Organisation) -> None:
    named = somebody(Role.Kind.EDITOR, make_organisation("Centre of Finland", country="FI"))
    version = make_practice("Sent in", state="submitted", centre=centre).latest
    assert waiting(named) == []

    review = Review.objects.create(version=version, reviewer=named)
    assert waiting(named) == ["Sent in"]

    looks = {f"{look}_because": "told" for look in Review.LOOKS}
    Review.objects.filter(pk=review.pk).update(decision="publish", done_at=timezone.now(), **looks)
    assert waiting(named) == []


def test_who_reviews_nowhere_has_no_inbox() -> None:
    assert browser(somebody()).get("/practices/inbox/").status_code == 403


def test_three_cost_no_query_more_than_one(
    centre: Organisation, manager: Person, count_queries: Callable[[], Any]
) -> None:
    client = browser(manager)

    def asked() -> int:
        client.get("/practices/inbox/")
        with count_queries() as queries:
            client.get("/practices/inbox/")
        return len(queries)

    make_practice("One", state="submitted", centre=centre, places=("BE",))
    one = asked()
    for title in ("Two", "Three"):
        version = make_practice(title, state="submitted", centre=centre, places=("BE",)).latest
        Review.objects.create(version=version, reviewer=somebody(Role.Kind.EDITOR, centre))

    # The reviewers of all of them are one query more, once.
    assert asked() <= one + 1
