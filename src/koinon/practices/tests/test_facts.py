"""The public library in a folder: written out, read back as it was, all or nothing; nobody's draft goes out."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from koinon.journal.models import Entry
from koinon.network.actions.dump import dump
from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.practices.content import content_of
from koinon.practices.models import Adoption, Picture, Practice
from koinon.practices.testing import make_adoption, make_practice, make_translation

pytestmark = pytest.mark.django_db


def told(practice: Practice) -> dict[str, Any]:
    """All that stands on the page of a practice."""
    practice.refresh_from_db()
    shown = practice.shown
    assert shown is not None
    return {
        "content": content_of(shown),
        "version": shown.number,
        "of": (
            practice.organisation,
            practice.centre,
            practice.published_at.date() if practice.published_at else None,
        ),
        "translations": [
            (one.language, one.made, one.service, one.texts) for one in shown.translations.all()
        ],
        "adoptions": [
            (
                one.adopter_name,
                one.place.key,
                one.since,
                one.stage,
                one.changed,
                one.leads_to and one.leads_to.slug,
            )
            for one in practice.adoptions.order_by("pk")
        ],
        "pictures": [(one.description, one.credit, one.kind) for one in practice.pictures.all()],
    }


def picture_in(practice: Practice) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    shown = practice.shown
    assert shown is not None
    Picture.objects.create(
        practice=practice,
        since=shown,
        description="A door",
        name="door.png",
        kind="image/png",
        content=out.getvalue(),
    )


@pytest.fixture
def centre(db: None) -> Organisation:
    return make_organisation()


def test_what_was_written_out_is_read_back_as_it_was(tmp_path: Path, centre: Organisation) -> None:
    first = make_practice(
        "One door", organisation=centre, centre=centre, places=("BE", "FI"), targets=("young",), begun=2019,
        links=(("A report; part 1", "https://example.org/a;b"),), results="In work | 46 % | 31 % | 412",
    )  # fmt: skip
    second = make_practice("Where it went", language="fi")
    make_translation(first.latest)
    make_adoption(first, changed="The hours.\n\nAnd more.", leads_to=second)
    make_adoption(first, confirmed=False)
    picture_in(first)
    make_practice("A draft", state="draft")
    gone = make_practice("Gone", state="withdrawn")
    before = [told(first), told(second)]
    confirmed = [row for row in before[0]["adoptions"] if row[5]]

    written = dump(tmp_path)
    Practice.objects.all().delete()
    call_command("load", str(tmp_path / "practices.json"))

    assert sorted(path.name for path in written if path.parent == tmp_path and "practices" in path.name) == [
        "practices.json"
    ]
    assert set(Practice.objects.values_list("slug", flat=True)) == {first.slug, second.slug, gone.slug}
    again = [told(Practice.objects.get(slug=row.slug)) for row in (first, second)]
    assert again == [before[0] | {"adoptions": confirmed}, before[1]]
    assert Practice.objects.get(slug=gone.slug).withdrawn_because == "outdated"
    assert Adoption.objects.count() == 1
    assert "A draft" not in (tmp_path / "practices.json").read_text()
    assert Entry.objects.filter(verb="practice.loaded").count() == 3


def test_loading_again_changes_nothing_and_leaves_what_was_changed_here(tmp_path: Path) -> None:
    practice = make_practice("One door")
    dump(tmp_path)
    path = tmp_path / "practices.json"
    out = io.StringIO()
    call_command("load", str(path), stdout=out)
    content = json.loads(path.read_text())
    content["practices"][0]["title"] = "Another"
    path.write_text(json.dumps(content))
    call_command("load", str(path), stdout=out)

    assert practice.latest.title == "One door"
    assert out.getvalue() == (
        f"0 new, 0 changed, 0 gone.\n0 new, 0 changed, 0 gone.\nLeft as it is here: {practice.slug}\n"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 300},
        {"places": ["no such place"]},
        {"state": "draft"},
        {"links": [["a", "javascript:alert(1)"]]},
        {"version": -1},
        {"organisation": "nobody"},
        {"translations": [{"language": "fi", "made": "human", "texts": {"no": "field"}}]},
        {"adoptions": [{"place": "FI", "stage": "trying", "language": "en"}]},
        {"pictures": [{"file": "../etc/passwd", "description": "x"}]},
        {"pictures": [{"file": "pictures/missing.png", "description": "x"}]},
        {"id": "a b/c"},
    ],
    ids=str,
)
def test_a_broken_record_is_named_and_nothing_is_loaded(tmp_path: Path, wrong: dict[str, Any]) -> None:
    make_practice("One door")
    make_practice("Another door")
    dump(tmp_path)
    Practice.objects.all().delete()
    path = tmp_path / "practices.json"
    content = json.loads(path.read_text())
    content["practices"][1] |= wrong
    path.write_text(json.dumps(content))

    with pytest.raises(CommandError, match=r"Nothing was loaded\. practices\.json, "):
        call_command("load", str(path))

    assert Practice.objects.count() == 0


def test_many_practices_go_into_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from koinon.practices.exchange import facts

    monkeypatch.setattr(facts, "IN_A_FILE", 2)
    for _ in range(3):
        make_practice()
    dump(tmp_path)
    Practice.objects.all().delete()

    call_command("load", *map(str, sorted(tmp_path.glob("practices*.json"))))

    assert Practice.objects.count() == 3
