"""What is promised of review: named people, four reasons, one decision; the author never decides; who looked is told by choice."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from koinon.mail.models import Outbox
from koinon.network.models import Organisation, Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.people.models import Person
from koinon.practices.actions import keeping, reviewing, writing
from koinon.practices.life import NotFrom
from koinon.practices.models import Picture, Practice, Review, Version
from koinon.practices.permissions import is_reviewer
from koinon.practices.testing import make_content, make_practice
from koinon.practices.tests.helping import as_visitor, browser, findings, review_form, somebody

pytestmark = pytest.mark.django_db


def test_sent_back_with_reasons_and_the_second_version_is_accepted_by_another_person() -> None:
    centre = make_organisation()
    owner, one, two = somebody(), somebody("manager", centre), somebody("manager", centre)
    by = visitor_for(owner)
    practice = writing.draft(make_content(), by=by)
    Practice.objects.filter(pk=practice.pk).update(centre=centre)
    version = writing.submit(practice.latest, by=by)

    reviewing.decide(version, by=visitor_for(one), findings=findings("changes", words="Tell what it costs."))
    version.refresh_from_db()
    again = writing.change(version, by=by, edits=version.edits, content=make_content(amount="€9 000"))
    done = reviewing.decide(writing.submit(again, by=by), by=visitor_for(two), findings=findings("publish"))

    practice.refresh_from_db()
    assert (practice.state, practice.shown, done.amount) == ("published", done, "€9 000")
    told = list(Outbox.objects.filter(to=owner.email).order_by("pk").values_list("text", flat=True))
    assert "Tell what it costs." in told[0]
    assert len(told) == 2


# A second round: what was asked for stays to be read, and what differs since; it counts no more.


def _sent_back(centre: Organisation, owner: Person, head: Person, **more: Any) -> Version:
    """A version that was sent back, written on and sent in again."""
    practice = make_practice("A door", state="submitted", owner=owner, centre=centre, amount="not known")
    asked = findings("changes", words="Tell what it costs.", note="Between us.", **more)
    version = reviewing.decide(practice.latest, by=visitor_for(head), findings=asked)
    better = make_content("A door", amount="€9 000")
    again = writing.change(version, by=visitor_for(owner), edits=version.edits, content=better)
    return writing.submit(again, by=visitor_for(owner))


def test_the_second_reviewer_and_the_author_read_what_was_asked_for_and_what_changed_since() -> None:
    centre, owner = make_organisation(), somebody()
    one, two = somebody("manager", centre), somebody("manager", centre)
    Person.objects.filter(pk=one.pk).update(name="Ana Silent")
    version = _sent_back(centre, owner, one)
    at = f"/practices/{version.practice.slug}/"

    hers = browser(two).get(f"{at}review/").content.decode()
    for page in (hers, browser(owner).get(f"{at}versions/1/reviews/").content.decode()):
        assert "What was asked for" in page
        assert "Tell what it costs." in page
        assert "The transfer is told well." in page
        differences = page.split('id="since"')[1].split("</section>")[0]
        # Only what differs, struck out and underlined.
        assert differences.count("<dt>") == 1
        assert "not known</del>" in differences
        assert "€9 000</ins>" in differences
    theirs = browser(owner).get(f"{at}review/").content.decode()
    assert "Tell what it costs." in theirs
    assert "€9 000</ins>" in theirs
    # Who looked, and the note, are for those who decide.
    assert "Ana Silent" in hers
    assert "Between us." in hers
    for page in (theirs, browser(owner).get(f"{at}versions/1/reviews/").content.decode()):
        assert "Ana Silent" not in page
        assert "Between us." not in page
        assert "A reviewer, who is not named" in page
    assert browser(somebody()).get(f"{at}versions/1/reviews/").status_code == 404


def _picture(version: Version, description: str, credit: str = "") -> Picture:
    return Picture.objects.create(
        practice=version.practice,
        since=version,
        description=description,
        credit=credit,
        name="a.png",
        kind="image/png",
        content=b"x",
    )


def test_the_second_reviewer_sees_which_pictures_went_and_came_and_whose_words_are_others() -> None:
    centre, owner = make_organisation(), somebody()
    head, by = somebody("manager", centre), visitor_for(owner)
    practice = make_practice("A door", state="submitted", owner=owner, centre=centre)
    version = practice.latest
    _stays, goes, reworded = (_picture(version, text) for text in ("The street", "The old door", "A tram"))
    version = reviewing.decide(version, by=visitor_for(head), findings=findings("changes"))

    writing.remove_picture(goes, version, by=by)
    _picture(version, "The new door", credit="City of Oulu")
    Picture.objects.filter(pk=reworded.pk).update(description="A tram stops before the door")
    writing.submit(version, by=by)

    page = browser(head).get(f"/practices/{practice.slug}/review/").content.decode()
    differences = page.split('id="since"')[1].split("</section>")[0]
    assert differences.count("<dt>") == 1
    assert "<dt>Pictures</dt>" in differences
    assert [words.split(" </span>")[1].split("<")[0] for words in differences.split("<del>")[1:]] == [
        "The old door",
        "A tram",
    ]
    assert [words.split(" </span>")[1].split("<")[0] for words in differences.split("<ins>")[1:]] == [
        "A tram stops before the door",
        "The new door (City of Oulu)",
    ]
    assert "The street<br>" in differences


def test_pictures_that_stayed_are_no_change_and_what_was_kept_before_tells_of_its_words() -> None:
    centre, owner = make_organisation(), somebody()
    practice = make_practice("A door", state="submitted", owner=owner, centre=centre)
    _picture(practice.latest, "The street")
    asked = findings("changes")
    version = reviewing.decide(practice.latest, by=as_visitor("manager", centre), findings=asked)
    writing.submit(version, by=visitor_for(owner))
    hers, address = browser(somebody("manager", centre)), f"/practices/{practice.slug}/review/"

    assert "Nothing changed" in hers.get(address).content.decode()
    kept = {name: value for name, value in version.sent_back.items() if name != "pictures"}
    Version.objects.filter(pk=version.pk).update(sent_back=kept)
    assert "Nothing changed" in hers.get(address).content.decode()


def test_versions_are_compared_with_their_pictures() -> None:
    centre = make_organisation()
    by = visitor_for(somebody("editor", centre))
    practice = make_practice("A door", organisation=centre)
    old = _picture(practice.latest, "The old door")
    second = writing.revise(practice, by=by)
    writing.remove_picture(old, second, by=by)
    _picture(second, "The new door")

    page = (
        browser(somebody("editor", centre)).get(f"/practices/{practice.slug}/changes/1/2/").content.decode()
    )

    assert "The old door<br></del>" in page
    assert "The new door</ins>" in page


def test_while_writing_on_the_author_sees_what_differs_from_what_was_sent_back() -> None:
    centre, owner = make_organisation(), somebody()
    practice = make_practice("A door", state="submitted", owner=owner, centre=centre)
    version = reviewing.decide(
        practice.latest, by=as_visitor("manager", centre), findings=findings("changes")
    )
    hers, address = browser(owner), f"/practices/{practice.slug}/versions/1/reviews/"
    before = hers.get(address).content.decode()

    writing.change(version, by=visitor_for(owner), edits=version.edits, content=make_content("A gate"))

    assert "What changed since it was sent back" not in before
    assert "gate</ins>" in hers.get(address).content.decode()


def test_sent_in_again_as_it_was_says_that_nothing_changed_and_is_asked_anew() -> None:
    centre, owner = make_organisation(), somebody()
    head = somebody("manager", centre)
    practice = writing.draft(make_content(), by=visitor_for(owner))
    Practice.objects.filter(pk=practice.pk).update(centre=centre)
    version = writing.submit(practice.latest, by=visitor_for(owner))
    version = reviewing.decide(version, by=visitor_for(head), findings=findings("changes"))

    writing.submit(version, by=visitor_for(owner))

    assert "Nothing changed" in browser(head).get(f"/practices/{practice.slug}/review/").content.decode()
    assert Outbox.objects.filter(to=head.email).count() == 2


def test_a_yes_of_an_earlier_round_counts_no_more() -> None:
    centre, owner = make_organisation(), somebody()
    one, two = somebody("manager", centre), somebody("manager", centre)
    version = make_practice(state="submitted", owner=owner, centre=centre).latest
    reviewing.want_second(version, by=visitor_for(one), wanted=True)
    reviewing.decide(version, by=visitor_for(one), findings=findings("publish"))
    back = reviewing.decide(version, by=visitor_for(two), findings=findings("changes"))
    again = writing.submit(back, by=visitor_for(owner))

    first = reviewing.decide(again, by=visitor_for(two), findings=findings("publish"))
    told = list(first.reviews.order_by("round", "pk").values_list("round", "decision"))
    second = reviewing.decide(again, by=visitor_for(one), findings=findings("publish"))

    assert (first.state, second.state) == ("submitted", "published")
    assert told == [(1, "publish"), (1, "changes"), (2, "publish")]


def test_who_was_named_in_an_earlier_round_is_named_anew_or_reads_nothing() -> None:
    centre, owner = make_organisation(), somebody()
    head = somebody("manager", centre)
    elsewhere = make_organisation()
    done, waiting = somebody("editor", elsewhere), somebody("editor", elsewhere)
    version = make_practice(state="submitted", owner=owner, centre=centre).latest
    for person in (done, waiting):
        reviewing.assign(version, by=visitor_for(head), to=person)
    back = reviewing.decide(version, by=visitor_for(done), findings=findings("changes"))
    again = writing.submit(back, by=visitor_for(owner))
    at = f"/practices/{again.practice.slug}/review/"

    for person in (done, waiting):
        assert browser(person).get(at).status_code == 404
        assert reviewing.open_to(visitor_for(person)) == []
        with pytest.raises(PermissionDenied):
            reviewing.decide(again, by=visitor_for(person), findings=findings())
    assert list(again.reviews.values_list("round", "reviewer")) == [(1, done.pk)]

    inbox = browser(head).get("/practices/inbox/").content.decode()
    assert "nobody yet" in inbox
    reviewing.assign(again, by=visitor_for(head), to=done)
    assert "What was asked for" in browser(done).get(at).content.decode()
    reviewing.decide(again, by=visitor_for(done), findings=findings("publish"))
    assert list(again.reviews.order_by("pk").values_list("round", "reviewer", "decision")) == [
        (1, done.pk, "changes"),
        (2, done.pk, "publish"),
    ]


def test_a_review_left_over_from_an_earlier_round_gives_no_right() -> None:
    """There is none, for sending in takes it away; even so it would open nothing."""
    centre, named = make_organisation(), somebody("editor", make_organisation())
    version = make_practice(state="submitted", centre=centre).latest
    review = Review.objects.create(version=version, reviewer=named)
    by = visitor_for(named)
    before = (is_reviewer(by, version), Practice.objects.seen_by(by).filter(pk=version.practice_id).exists())

    Version.objects.filter(pk=version.pk).update(round=2)
    version = Version.objects.get(pk=version.pk)

    assert before == (True, True)
    assert Review.objects.filter(pk=review.pk).exists()
    assert not is_reviewer(by, version)
    assert not Practice.objects.seen_by(by).filter(pk=version.practice_id).exists()


def test_in_no_role_does_an_author_decide() -> None:
    """I5: owner, and whoever wrote any of it, as manager, lead and coordinator too."""
    centre = make_organisation()
    owner, writer = somebody("manager", centre), somebody("manager", centre)
    for person in (owner, writer):
        Role.objects.create(person=person, kind="coordinator")
    practice = writing.draft(make_content(), by=visitor_for(owner), organisation=centre)
    writing.change(practice.latest, by=visitor_for(writer), edits=1, content=make_content("Mine too"))
    version = writing.submit(practice.latest, by=visitor_for(owner))

    for person in (owner, writer):
        by = visitor_for(person)
        with pytest.raises(PermissionDenied):
            reviewing.decide(version, by=by, findings=findings())
        with pytest.raises(PermissionDenied):
            reviewing.assign(version, by=by, to=somebody("editor", centre))
        assert reviewing.open_to(by) == []
    other = as_visitor("manager", centre)
    assert [row.pk for row in reviewing.open_to(other)] == [version.pk]
    with pytest.raises(reviewing.NotPossible):
        reviewing.assign(version, by=other, to=writer)


def test_a_second_person_where_one_is_wished() -> None:
    centre = make_organisation()
    head, editor = somebody("manager", centre), somebody("editor", centre)
    version = make_practice(state="submitted", centre=centre).latest
    reviewing.want_second(version, by=visitor_for(head), wanted=True)
    reviewing.assign(version, by=visitor_for(head), to=editor)

    first = reviewing.decide(version, by=visitor_for(editor), findings=findings())
    same = None
    with pytest.raises(PermissionDenied):
        same = reviewing.decide(version, by=visitor_for(editor), findings=findings())
    second = reviewing.decide(version, by=visitor_for(head), findings=findings())

    assert (first.state, same, second.state) == ("submitted", None, "published")


def test_one_person_is_not_two() -> None:
    centre = make_organisation()
    head = somebody("manager", centre)
    version = make_practice(state="submitted", centre=centre).latest
    reviewing.want_second(version, by=visitor_for(head), wanted=True)

    reviewing.decide(version, by=visitor_for(head), findings=findings())
    again = reviewing.decide(version, by=visitor_for(head), findings=findings())

    assert again.state == "submitted"


def test_who_is_named_reads_it_decides_once_and_reads_it_no_more() -> None:
    far = somebody("editor", make_organisation())
    centre = make_organisation()
    practice = make_practice(state="submitted", centre=centre)
    version, by = practice.latest, visitor_for(far)
    assert not Practice.objects.seen_by(by).filter(pk=practice.pk).exists()

    reviewing.assign(version, by=as_visitor("manager", centre), to=far)
    seen = Practice.objects.seen_by(by).filter(pk=practice.pk).exists()
    reviewing.decide(version, by=by, findings=findings("changes"))

    assert seen
    assert Outbox.objects.filter(to=far.email).count() == 1
    assert not Practice.objects.seen_by(by).filter(pk=practice.pk).exists()


def test_the_author_reads_what_was_found_and_who_looked_only_if_that_was_chosen() -> None:
    centre, owner = make_organisation(), somebody()
    shy, open_ = somebody("manager", centre), somebody("manager", centre)
    for person, name in ((shy, "Ana Silent"), (open_, "Bo Open")):
        person.name = name
        person.save()
    practice = make_practice(state="submitted", owner=owner, centre=centre)
    version = practice.latest
    reviewing.want_second(version, by=visitor_for(shy), wanted=True)
    reviewing.decide(version, by=visitor_for(shy), findings=findings(note="Between us."))
    reviewing.decide(version, by=visitor_for(open_), findings=findings(is_named=True))

    page = browser(owner).get(f"/practices/{practice.slug}/versions/1/reviews/").content.decode()
    theirs = browser(shy).get(f"/practices/{practice.slug}/versions/1/reviews/").content.decode()

    assert "The scope is told well." in page
    assert "Bo Open" in page
    assert "Ana Silent" not in page
    assert shy.email not in page
    assert "Between us." not in page
    assert "Between us." in theirs
    assert "Ana Silent" in theirs


def test_a_decision_without_its_reasons_is_none() -> None:
    centre = make_organisation()
    hers = browser(somebody("manager", centre))
    practice = make_practice(state="submitted", centre=centre)
    address = f"/practices/{practice.slug}/review/"

    assert hers.post(address, review_form("publish", scope_because="")).status_code == 422
    assert hers.post(address, review_form("changes", words="")).status_code == 422
    practice.refresh_from_db()
    assert practice.state == "submitted"
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(version=practice.latest, done_at=practice.made_at, decision="publish")
    assert hers.post(address, review_form("publish")).status_code == 302


def test_what_is_decided_is_not_decided_again() -> None:
    centre = make_organisation()
    practice = make_practice(state="submitted", centre=centre)
    one, two = browser(somebody("manager", centre)), browser(somebody("manager", centre))

    first = one.post(f"/practices/{practice.slug}/review/", review_form("changes"))
    version = practice.versions.get()
    with pytest.raises(NotFrom):
        reviewing.decide(version, by=as_visitor("manager", centre), findings=findings())
    second = two.post(f"/practices/{practice.slug}/review/", review_form("publish"))

    assert first.status_code == 302
    assert second.status_code == 403
    practice.refresh_from_db()
    assert practice.state == "changes"


def test_a_new_version_replaces_the_public_one_only_when_it_is_accepted(client: object) -> None:
    centre = make_organisation()
    editor, head = visitor_for(somebody("editor", centre)), visitor_for(somebody("manager", centre))
    practice = make_practice("The old", centre=centre)
    version = writing.revise(practice, by=editor)
    writing.change(version, by=editor, edits=1, content=make_content("The new"))
    version.refresh_from_db()
    writing.submit(version, by=editor)
    practice.refresh_from_db()
    before = (practice.state, practice.latest.title)

    reviewing.decide(version, by=head, findings=findings())

    practice.refresh_from_db()
    assert before == ("published", "The old")
    assert (practice.state, practice.latest.title) == ("published", "The new")


def test_what_is_withdrawn_leaves_its_reason_and_nothing_else(client: object) -> None:
    from django.test import Client

    centre = make_organisation()
    practice = make_practice("Something to hide", summary="Hidden words", centre=centre)
    keeping.withdraw(practice, by=as_visitor("manager", centre), because="personal")

    answer = Client().get(f"/practices/{practice.slug}/")
    page = answer.content.decode()
    over_api = Client().get(f"/api/v1/practices/{practice.slug}")

    assert answer.status_code == 410
    assert "personal" in page
    assert "Something to hide" not in page
    assert "Hidden words" not in page
    assert (over_api.status_code, over_api.json()["reason"]) == (410, "personal")
    assert "Hidden words" not in over_api.content.decode()
    for path in ("versions/1/", "versions/", "changes/1/1/", "adopt/"):
        assert Client().get(f"/practices/{practice.slug}/{path}").status_code in {302, 404}
    from koinon.practices import found, listing

    listing.forget()
    assert list(found.documents([practice.slug])) == []
    for path in (
        "/practices/?format=json",
        "/practices/?format=atom",
        "/practices/",
        "/practices/lineage.json",
    ):
        assert practice.slug not in Client().get(path).content.decode()
    keeping.restore(practice, by=as_visitor("manager", centre))
    assert Client().get(f"/practices/{practice.slug}/").status_code == 200


def test_something_reported_is_taken_off_and_a_complaint_brings_it_back() -> None:
    from koinon.network.visitor import ANYONE
    from koinon.notices import subjects

    practice = make_practice("Reported")
    found = subjects.find(f"practice:{practice.slug}", ANYONE)
    kind = subjects.kinds["practice"]
    assert found is not None
    assert kind.withdraw is not None
    assert kind.restore is not None

    kind.withdraw(practice.slug, "law", "Why.", ANYONE)
    practice.refresh_from_db()
    gone = practice.state
    kind.restore(practice.slug, ANYONE)
    practice.refresh_from_db()

    assert found[2].author_id == practice.owner_id
    assert (gone, practice.state) == ("withdrawn", "published")
    assert subjects.find(f"practice:{make_practice(state='draft').slug}", ANYONE) is None


def test_what_its_own_people_took_away_does_not_come_back_with_a_complaint() -> None:
    centre = make_organisation()
    practice = make_practice(centre=centre)
    keeping.withdraw(practice, by=as_visitor("manager", centre), because="personal")

    keeping.restore_after_complaint(practice)
    practice.refresh_from_db()

    assert (practice.state, practice.withdrawn_because) == ("withdrawn", "personal")


def test_who_can_be_asked_is_told_by_name_and_body_and_never_by_address() -> None:
    centre, far = make_organisation("Centre of the North"), make_organisation("Centre of the South")
    head = somebody("manager", centre)
    near, other = somebody("editor", centre), somebody("editor", far)
    other.name = "Ana"
    other.save()
    practice = make_practice(state="submitted", centre=centre)

    page = browser(head).get(f"/practices/{practice.slug}/review/").content.decode()

    assert "Ana, Centre of the South" in page
    assert page.index("somebody without a name, Centre of the North") < page.index("Ana, Centre of the South")
    assert near.email not in page
    assert other.email not in page


def test_no_finding_is_chosen_beforehand() -> None:
    centre = make_organisation()
    practice = make_practice(state="submitted", centre=centre)
    head = somebody("manager", centre)
    whole = review_form()
    shown = browser(head).get(f"/practices/{practice.slug}/review/").content.decode()
    assert shown.count('<option value="" selected>') == 4

    without = {name: value for name, value in whole.items() if name != "transfer"}
    answer = browser(head).post(f"/practices/{practice.slug}/review/", without)

    assert answer.status_code == 422
    practice.refresh_from_db()
    assert practice.state == "submitted"
    assert browser(head).post(f"/practices/{practice.slug}/review/", whole).status_code == 302
