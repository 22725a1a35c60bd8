"""What is promised of experiences: once, by consent, a draft of the organiser's; linked from both ends."""

import pytest
from django.core.exceptions import PermissionDenied

from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.practices.actions import origins
from koinon.practices.models import Practice
from koinon.practices.tests.helping import as_visitor, somebody

pytestmark = pytest.mark.django_db

ORIGIN = ("contribution:7", "The hour (26TEST)", "/sessions/26TEST/")


def test_an_experience_becomes_one_draft_with_its_origin() -> None:
    centre = make_organisation()
    by = visitor_for(somebody("editor", centre))
    words = "We opened one door.\nThree services share it."

    first, second = (
        origins.draft_from_experience(
            words, by=by, organisation=centre, language="en", place=None, origin=ORIGIN
        )
        for _ in range(2)
    )

    assert first == second
    version = first.latest
    assert (version.title, version.approach, first.state) == ("We opened one door.", words, "draft")
    assert (first.origin_label, first.origin_address) == ORIGIN[1:]
    assert origins.by_origin([ORIGIN[0]], public=False) == {ORIGIN[0]: first}
    assert origins.by_origin([ORIGIN[0]], public=True) == {}


def test_only_the_own_people_draft_for_an_organisation() -> None:
    centre = make_organisation()

    for by in (as_visitor(), as_visitor("coordinator"), as_visitor("editor", make_organisation())):
        with pytest.raises(PermissionDenied):
            origins.draft_from_experience(
                "Words", by=by, organisation=centre, language="en", place=None, origin=ORIGIN
            )
    assert not Practice.objects.exists()
