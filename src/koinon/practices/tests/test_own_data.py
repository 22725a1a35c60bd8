"""What somebody told of practices: taken along whole, and forgotten when the account closes, without a hole for others."""

import json

import pytest
from django.utils import timezone

from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.people import actions, mine
from koinon.people.models import Person
from koinon.people.testing import make_person
from koinon.practices.actions import reviewing, writing
from koinon.practices.content import write
from koinon.practices.models import Adoption, Practice, Review, Version
from koinon.practices.testing import make_adoption, make_content, make_practice, make_translation
from koinon.practices.tests.helping import LOOKS, as_visitor, browser, findings

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]


def make_review(version: Version, reviewer: Person, *, done: bool = True, **more: str) -> Review:
    looks = dict.fromkeys(LOOKS, "good") | {f"{look}_because": f"{look} is told" for look in LOOKS}
    told = looks | {"decision": "publish", "words": "Well told.", "done_at": timezone.now()} if done else {}
    return Review.objects.create(version=version, reviewer=reviewer, is_named=True, **(told | more))


def test_the_copy_holds_what_was_written_reviewed_translated_and_taken_over() -> None:
    ana, other = make_person(), make_person()
    own = make_practice("Of my own", owner=ana)
    make_review(own.latest, other, words="To the author", note="Not for the author")
    theirs = make_practice("Of another", owner=other)
    make_review(theirs.latest, ana, words="I found this", note="My note")
    make_translation(theirs.latest, "fi", by=ana)
    make_adoption(theirs, by=ana, changed="Two days a week")
    make_translation(own.latest, "sv", by=other)

    taken = {name: export(ana) for name, export in mine.exports.items()}

    assert taken["practices"][0]["versions"][0]["reviews"][0]["words"] == "To the author"
    assert [(row["practice"], row["words"], row["note"]) for row in taken["practice_reviews"]] == [
        (theirs.slug, "I found this", "My note")
    ]
    assert [(row["practice"], row["language"]) for row in taken["practice_translations"]] == [
        (theirs.slug, "fi")
    ]
    assert [(row["practice"], row["changed"]) for row in taken["adoptions"]] == [
        (theirs.slug, "Two days a week")
    ]
    assert "Not for the author" not in json.dumps(taken, default=str)


def test_the_copy_holds_what_was_asked_for_and_what_was_sent_back() -> None:
    ana, centre = make_person(), make_organisation("Centre of Belgium", country="BE")
    practice = make_practice("As it was", state="submitted", owner=ana, centre=centre)
    head = as_visitor("manager", centre)
    back = reviewing.decide(practice.latest, by=head, findings=findings("changes", words="Tell more."))
    writing.change(back, by=visitor_for(ana), edits=1, content=make_content("As it is"))
    writing.submit(back, by=visitor_for(ana))

    told = mine.exports["practices"](ana)[0]["versions"][0]
    assert (told["texts"]["title"], told["sent_back"]["title"]) == ("As it is", "As it was")
    assert [(row["round"], row["words"]) for row in told["reviews"]] == [(1, "Tell more.")]


def test_who_closes_the_account_is_named_by_nothing_in_the_library() -> None:
    ana = make_person()
    centre = make_organisation("Centre of Belgium", country="BE")
    public = make_practice("Public", owner=ana)
    make_practice("Draft", owner=ana, state="draft")
    make_practice("Not taken up", owner=ana, state="declined")
    of_the_house = make_practice("The house's", owner=ana, organisation=centre, state="draft")
    following = Version(practice=public, number=2, state="draft")
    write(following, make_content("Public, the next"))
    theirs = make_practice("Theirs")
    theirs.latest.writers.add(ana)
    done, asked = make_review(theirs.latest, ana), make_review(of_the_house.latest, ana, done=False)
    told = make_translation(theirs.latest, "fi", by=ana)
    taken, waiting = make_adoption(theirs, by=ana), make_adoption(theirs, by=ana, confirmed=False)

    actions.erase(ana, by=visitor_for(ana))

    assert set(Practice.objects.values_list("slug", flat=True)) == {
        public.slug,
        of_the_house.slug,
        theirs.slug,
    }
    assert list(Version.objects.filter(practice=public).values_list("number", flat=True)) == [1]
    assert not Practice.objects.filter(owner=ana).exists()
    assert not Version.objects.filter(writers=ana).exists()
    assert not Review.objects.filter(pk=asked.pk).exists()
    assert not Adoption.objects.filter(pk=waiting.pk).exists()
    for kept, field in ((done, "reviewer"), (told, "by"), (taken, "by")):
        kept.refresh_from_db()
        assert getattr(kept, field) is None
    assert not done.is_named


def test_pages_stand_after_who_reviewed_has_gone() -> None:
    ana, owner = make_person(), make_person()
    practice = make_practice("Theirs", owner=owner)
    make_review(practice.latest, ana, words="Well told.")

    actions.erase(ana, by=visitor_for(ana))
    page = browser(owner).get(f"/practices/{practice.slug}/versions/1/reviews/")

    assert page.status_code == 200
    assert "Well told." in page.content.decode()
    assert "A reviewer, who is not named" in page.content.decode()
