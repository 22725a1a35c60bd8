"""What is promised of writing: drafts are one's own, two at once lose no word, an edit is a new version, pictures are washed."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.people import mine
from koinon.people.testing import make_person
from koinon.practices.actions import keeping, writing
from koinon.practices.models import Picture, Practice, Version
from koinon.practices.testing import make_content, make_practice
from koinon.practices.tests.helping import as_visitor, browser, content_form, somebody

pytestmark = pytest.mark.django_db


def test_a_draft_is_there_for_its_owner_and_for_nobody_else(client: Client) -> None:
    owner = somebody()
    draft = make_practice("Of my own", state="draft", owner=owner)
    address = f"/practices/{draft.slug}/versions/1/"

    assert browser(owner).get(address).status_code == 200
    for other in (client, browser(somebody()), browser(somebody("coordinator"))):
        answer = other.get(address)
        assert answer.status_code == 404


def test_only_the_title_is_needed_for_a_draft_and_more_to_send_it_in(client: Client) -> None:
    owner = somebody()
    hers = browser(owner)
    fields = content_form("A door") | dict.fromkeys(("summary", "challenge", "approach", "places"), "")

    made = hers.post("/practices/new/", fields)
    practice = Practice.objects.get(owner=owner)
    sent = hers.post(f"/practices/{practice.slug}/submit/")

    assert made.status_code == 302
    assert sent.status_code == 422
    page = sent.content.decode()
    assert all(word in page for word in ("In one sentence", "The challenge", "The approach", "Where"))
    practice.refresh_from_db()
    assert practice.state == "draft"


def test_of_two_at_once_the_second_loses_no_word() -> None:
    centre = make_organisation()
    one, two = (browser(somebody("editor", centre)) for _ in range(2))
    draft = make_practice("As it was", state="draft", organisation=centre)
    address = f"/practices/{draft.slug}/edit/"

    first = one.post(address, content_form("By the first", edits="1"))
    second = two.post(address, content_form("By the second", edits="1"))

    assert (first.status_code, second.status_code) == (302, 409)
    page = second.content.decode()
    assert "By the first" in page
    assert 'value="By the second"' in page
    assert 'name="edits" value="2"' in page
    assert draft.versions.get().title == "By the first"
    assert two.post(address, content_form("By the second", edits="2")).status_code == 302
    assert draft.versions.get().title == "By the second"


def test_saving_the_same_again_changes_nothing() -> None:
    owner = somebody()
    draft = make_practice(state="draft", owner=owner)
    version = draft.latest
    by = visitor_for(owner)

    writing.change(version, by=by, edits=1, content=make_content("New"))
    again = writing.change(version, by=by, edits=2, content=make_content("New"))

    assert again.edits == 2


def test_an_edit_of_a_public_practice_is_a_version_of_its_own(client: Client) -> None:
    centre = make_organisation()
    editor = somebody("editor", centre)
    practice = make_practice("As everybody reads it", centre=centre)
    hers = browser(editor)

    begun = hers.post(f"/practices/{practice.slug}/revise/")
    hers.post(f"/practices/{practice.slug}/edit/", content_form("As it will be", edits="1"))
    twice = hers.post(f"/practices/{practice.slug}/revise/")

    assert begun.status_code == twice.status_code == 302
    assert [(row.number, row.state) for row in practice.versions.all()] == [(1, "published"), (2, "draft")]
    page = client.get(f"/practices/{practice.slug}/").content.decode()
    assert "As everybody reads it" in page
    assert "As it will be" not in page
    assert client.get(f"/practices/{practice.slug}/versions/2/").status_code == 404
    assert "As it will be" not in client.get(f"/practices/{practice.slug}/versions/").content.decode()
    assert client.get(f"/practices/{practice.slug}/changes/1/2/").status_code == 404
    differences = hers.get(f"/practices/{practice.slug}/changes/1/2/").content.decode()
    assert "<ins>" in differences
    assert "<del>" in differences


def test_a_form_changes_what_it_shows_and_nothing_else() -> None:
    """I9: every field of the models is sent; state, owner, number and centre stay."""
    owner = somebody()
    draft = make_practice(state="draft", owner=owner)
    everything = {field.name: "1" for model in (Practice, Version) for field in model._meta.fields}
    before = Practice.objects.filter(pk=draft.pk).values().get()

    browser(owner).post(
        f"/practices/{draft.slug}/edit/",
        everything
        | dict.fromkeys(
            ("targets", "objectives", "topics", "links", "cost", "evidence_kind", "begun", "ended"), ""
        )
        | {"targets": [], "objectives": [], "state": "published", "shown": str(draft.latest.pk)}
        | content_form("New", edits="1"),
    )

    assert Practice.objects.filter(pk=draft.pk).values().get() == before
    version = draft.versions.get()
    assert (version.title, version.state, version.number, version.second_wanted) == ("New", "draft", 1, False)


def test_what_stands_in_an_address_belongs_together() -> None:
    """I8: a picture, a version, of another practice."""
    owner = somebody()
    mine_, other = (make_practice(state="draft", owner=owner) for _ in range(2))
    picture = Picture.objects.create(
        practice=other, since=other.latest, description="A door", name="a.png", kind="image/png", content=b"x"
    )
    hers = browser(owner)

    assert hers.get(f"/practices/{mine_.slug}/pictures/{picture.code}").status_code == 404
    assert hers.post(f"/practices/{mine_.slug}/edit/pictures/{picture.code}/remove/").status_code == 404
    assert hers.get(f"/practices/{other.slug}/pictures/{picture.code}").status_code == 200


def _photo() -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Camera of Ana"
    Image.new("RGB", (8, 8), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_picture_loses_its_camera_and_has_a_description(client: Client) -> None:
    owner = somebody()
    draft = make_practice(state="draft", owner=owner)
    hers, address = browser(owner), f"/practices/{draft.slug}/edit/pictures/"
    assert b"Camera of Ana" in _photo()

    bare = hers.post(address, {"description": "", "picture": SimpleUploadedFile("a.jpg", _photo())})
    text = hers.post(
        address, {"description": "A door", "picture": SimpleUploadedFile("a.jpg", b"no picture")}
    )
    good = hers.post(address, {"description": "A door", "picture": SimpleUploadedFile("a.jpg", _photo())})

    assert (bare.status_code, text.status_code, good.status_code) == (422, 422, 302)
    picture = Picture.objects.get()
    assert b"Camera of Ana" not in bytes(picture.content)
    seen = hers.get(f"/practices/{draft.slug}/pictures/{picture.code}")
    assert seen.headers["Content-Type"] == "image/jpeg"
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/practices/{draft.slug}/pictures/{picture.code}").status_code == 404
    page = hers.get(f"/practices/{draft.slug}/versions/1/").content.decode()
    assert 'alt="A door"' in page


def test_a_picture_that_is_taken_out_stays_in_the_version_before() -> None:
    centre = make_organisation()
    editor = somebody("editor", centre)
    practice = make_practice(centre=centre)
    picture = Picture.objects.create(
        practice=practice,
        since=practice.latest,
        description="A door",
        name="a.png",
        kind="image/png",
        content=b"x",
    )
    by = visitor_for(editor)

    second = writing.revise(practice, by=by)
    writing.remove_picture(picture, second, by=by)

    picture.refresh_from_db()
    assert picture.is_in(practice.latest)
    assert not picture.is_in(second)


def test_what_was_public_is_not_deleted_and_a_draft_leaves_nothing() -> None:
    owner = somebody()
    draft, public = make_practice(state="draft", owner=owner), make_practice(owner=owner)

    writing.delete(draft, by=visitor_for(owner))

    assert not Practice.objects.filter(pk=draft.pk).exists()
    with pytest.raises(PermissionDenied):
        writing.delete(public, by=visitor_for(owner))


def test_staff_write_for_their_centre_and_others_for_themselves() -> None:
    centre = make_organisation()
    person, editor = as_visitor(), as_visitor("editor", centre)

    assert writing.draft(make_content(), by=person).organisation is None
    assert writing.draft(make_content(), by=editor, organisation=centre).organisation == centre
    for by, organisation in ((person, centre), (editor, None), (editor, make_organisation())):
        with pytest.raises(PermissionDenied):
            writing.draft(make_content(), by=by, organisation=organisation)


def test_two_practices_of_one_title_have_two_addresses_and_no_word_is_taken() -> None:
    by = as_visitor()

    slugs = [
        writing.draft(make_content(title), by=by).slug for title in ("New", "One door", "One door", "Грижа")
    ]

    assert slugs[1] == "one-door"
    assert slugs[0] != "new"
    assert len(set(slugs)) == 4


def test_whoever_closes_the_account_takes_the_drafts_along_and_leaves_what_is_public() -> None:
    owner = somebody()
    draft, public = make_practice(state="draft", owner=owner), make_practice(owner=owner)

    keeping.let_go(owner)

    assert not Practice.objects.filter(pk=draft.pk).exists()
    public.refresh_from_db()
    assert public.owner is None


def test_the_copy_of_the_data_holds_what_one_wrote() -> None:
    owner = somebody()
    make_practice("Of my own", state="draft", owner=owner)
    make_practice("Of another")

    taken = mine.exports["practices"](owner)

    assert [row["versions"][0]["texts"]["title"] for row in taken] == ["Of my own"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", "a\u202eb"),
        ("title", "x" * 201),
        ("title", "Z" + "\u0301" * 40),
        ("challenge", "a\x00b"),
        ("challenge", "x" * 12_001),
        ("places", "Nowhere at all in the world"),
        ("topics", "no word of the field at all"),
        ("links", "javascript:alert(1)"),
        ("links", "label | ftp://example.eu"),
        ("begun", "9" * 400),
        ("ended", "1900"),
        ("evidence", "5"),
        ("objectives", "z"),
        ("steps", "a\n" * 41),
        ("language", "xx"),
    ],
)
def test_bad_input_is_told_and_nothing_is_kept(field: str, typed: str) -> None:
    owner = somebody()

    answer = browser(owner).post("/practices/new/", content_form() | {field: typed})

    assert answer.status_code == 422
    assert not Practice.objects.filter(owner=owner).exists()


def test_markup_in_words_is_words(client: Client) -> None:
    bad = '"><script>alert(1)</script>'
    practice = make_practice(
        bad,
        summary=bad,
        who=bad,
        steps=f"{bad}: {bad}",
        results=f"{bad} | 1 % | 2 % | 3",
        links=((bad, "https://e.eu/"),),
    )

    for path in ("/practices/", f"/practices/{practice.slug}/"):
        assert "<script>alert" not in client.get(path).content.decode()


def test_a_page_costs_the_same_with_one_and_with_many(
    count_queries: Callable[[], Any], client: Client
) -> None:
    practice = make_practice(places=("BE",))
    client.get(f"/practices/{practice.slug}/")
    with count_queries() as few:
        client.get(f"/practices/{practice.slug}/")
    from koinon.practices.testing import make_adoption, make_translation

    for place, language in (("FI", "fi"), ("MT", "mt"), ("AT", "de")):
        make_adoption(practice, place=place)
        make_translation(practice.latest, language)
    client.get(f"/practices/{practice.slug}/")
    with count_queries() as many:
        client.get(f"/practices/{practice.slug}/")

    assert len(many) == len(few)


def test_an_operator_alone_writes_nothing_and_is_told_so() -> None:
    person = make_person()
    Role.objects.create(person=person, kind="administrator")

    assert browser(person).get("/practices/new/").status_code == 403
