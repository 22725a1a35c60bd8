"""The reference files come into the database whole or not at all, and once."""

import gzip
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection

from koinon.places import actions, outline
from koinon.places.actions import BadRow, is_loaded, load_reference, read
from koinon.places.gazetteer import find, index
from koinon.places.models import FormerCode, OutsideName, Place, PlaceName

HEAD = "code,level,parent,name,name_latin,country,lat,lon\n"
TOWNS = "geonameid\tname\tascii\tcountry\tlat\tlon\tpopulation\tfeature\tnuts3\tflag\talternates\n"


def small(folder: Path, *, towns: str = "", regions: str = "", former: str = "") -> Path:
    """A reference of one country with one town, written to a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "regions.csv").write_text(
        HEAD
        + "EU,-1,,European Union,European Union,EU,50.8,4.3\nMT,0,EU,Malta,Malta,MT,35.9,14.5\n"
        + "MT0,1,MT,Malta,Malta,MT,35.9,14.5\nMT00,2,MT0,Malta,Malta,MT,35.9,14.5\nMT001,3,MT00,Malta,Malta,MT,35.9,14.5\n"
        + regions,
        encoding="utf-8",
    )
    (folder / "region_aliases.csv").write_text("code,lang,alias,source\nMT,de,Malta,CLDR\n", encoding="utf-8")
    (folder / "region_names.tsv").write_text("code\tlang\tname\tsource\n", encoding="utf-8")
    (folder / "own_names.tsv").write_text("geonameid\tname\n", encoding="utf-8")
    (folder / "more_names.tsv").write_text("code\tlang\tname\tsource\n", encoding="utf-8")
    (folder / "nuts2021_changes.csv").write_text(
        "old_code,old_name,level,kind,new_codes,share_of_old,share_of_new,certainty\n" + former,
        encoding="utf-8",
    )
    valletta = "2562305\tValletta\t\tMT\t35.899\t14.515\t6794\tC\tMT001\t\tIl-Belt Valletta|La Valeta\n"
    (folder / "localities.tsv.gz").write_bytes(gzip.compress((TOWNS + valletta + towns).encode()))
    outside = "name\tcountry\tpopulation\talternates\nTripoli\tLY\t1150989\tTripolis\n"
    (folder / "outside.tsv.gz").write_bytes(gzip.compress(outside.encode()))
    return folder


@pytest.mark.django_db
def test_all_regions_and_localities_are_there() -> None:
    levels = {level: Place.objects.filter(level=level).count() for level in range(-1, 5)}

    assert levels == {-1: 1, 0: 27, 1: 92, 2: 244, 3: 1165, 4: 79_183}
    assert FormerCode.objects.count() == 54
    assert not Place.objects.filter(level=4, parent__level__lt=3).exists()
    assert OutsideName.objects.filter(folded="schweiz", country="CH").exists()


@pytest.mark.django_db
def test_loading_again_changes_nothing(count_queries) -> None:  # type: ignore[no-untyped-def]
    with count_queries() as counted:
        again = load_reference()

    assert (again, len(counted), is_loaded()) == (False, 1, True)


@pytest.mark.django_db
def test_another_edition_changes_places_where_they_stand(tmp_path: Path) -> None:
    folder = small(tmp_path / "first")
    load_reference(folder)
    second = small(tmp_path / "second", towns="1\tTest Town\t\tMT\t35.9\t14.5\t10\t\tMT001\t\t\n")
    text = gzip.decompress((second / "localities.tsv.gz").read_bytes()).decode()
    (second / "localities.tsv.gz").write_bytes(gzip.compress(text.replace("6794", "7000").encode()))

    assert load_reference(second)
    assert load_reference(second) is False

    assert Place.objects.get(pk="2562305").population == 7000
    assert Place.objects.filter(pk="1").exists()
    assert load_reference(folder)
    assert not Place.objects.filter(pk="1").exists()


@pytest.mark.django_db
def test_a_place_that_is_gone_but_referred_to_stays_without_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "_referred_to", lambda: {"3181928"})

    load_reference(small(tmp_path / "other"))

    kept = set(Place.objects.exclude(country="MT").values_list("pk", flat=True))
    # After other tests the tables of places are not looked through.
    connection.check_constraints([Place._meta.db_table, PlaceName._meta.db_table])
    assert kept == {"EU", "IT", "ITH", "ITH5", "ITH55", "3181928"}
    assert not PlaceName.objects.filter(place="3181928").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("broken", "file", "row"),
    [
        ({"towns": "x\tBad\t\tMT\t35.9\t14.5\t10\t\tMT001\t\t\n"}, "localities.tsv.gz", 3),
        ({"towns": "7\tBad\t\tMT\t95.9\t14.5\t10\t\tMT001\t\t\n"}, "localities.tsv.gz", 3),
        ({"towns": "7\tBad\t\tMT\tnan\t14.5\t10\t\tMT001\t\t\n"}, "localities.tsv.gz", 3),
        ({"towns": "7\tBad\t\tMT\t35.9\t14.5\tmany\t\tMT001\t\t\n"}, "localities.tsv.gz", 3),
        ({"towns": "7\tBad\t\tMT\t35.9\t14.5\t10\t\tMT009\t\t\n"}, "localities.tsv.gz", 3),
        ({"towns": "2562305\tTwice\t\tMT\t35.9\t14.5\t10\t\tMT001\t\t\n"}, "localities.tsv.gz", 3),
        ({"towns": "7\tShort\t\tMT\n"}, "localities.tsv.gz", 3),
        ({"towns": "7\t\u202eBad\t\tMT\t35.9\t14.5\t10\t\tMT001\t\t\n"}, "localities.tsv.gz", 3),
        ({"regions": "MT9,2,XX9,Bad,Bad,MT,1,1\n"}, "regions.csv", 7),
        ({"regions": "MT0,1,MT,Twice,Twice,MT,1,1\n"}, "regions.csv", 7),
        ({"former": "MT9,Old,1,recoded,MT8,1.00,1.00,\n"}, "nuts2021_changes.csv", 2),
    ],
)
def test_a_broken_row_loads_nothing_and_is_named(
    tmp_path: Path, broken: dict[str, str], file: str, row: int
) -> None:
    before = Place.objects.count(), PlaceName.objects.count()

    with pytest.raises(BadRow) as caught:
        load_reference(small(tmp_path / "broken", **broken))

    assert (caught.value.file, caught.value.row) == (file, row)
    assert f"{file}, row {row}" in str(caught.value)
    assert (Place.objects.count(), PlaceName.objects.count()) == before
    assert is_loaded()


@pytest.mark.django_db
def test_what_fails_while_writing_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = PlaceName.objects.count()
    facts = read(small(tmp_path / "late"))
    facts.former.extend([actions.FormerRow("XX", "Old", "split", [], [], True)] * 2)
    monkeypatch.setattr(actions, "read", lambda folder: facts)

    with pytest.raises(IntegrityError):
        load_reference(tmp_path / "late")

    connection.check_constraints([Place._meta.db_table, PlaceName._meta.db_table])
    assert PlaceName.objects.count() == before
    assert is_loaded()


@pytest.mark.django_db
def test_keys_find_places_and_only_the_number_counts() -> None:
    place = Place.objects.find

    assert place("bologna-3181928") == place("anything-3181928") == place("3181928")
    assert place("bologna-3181928").key == "bologna-3181928"  # type: ignore[union-attr]
    assert place("ith5").key == "ITH5"  # type: ignore[union-attr]
    assert place("GR30").key == "EL30"  # type: ignore[union-attr]
    assert place("FI197").key == "FI19B"  # type: ignore[union-attr]
    assert place("EU").level == -1  # type: ignore[union-attr]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "key", ["PT17", "XX", "DE000", "bologna", "bologna-0", "-", "", "3" * 40, "ＩＴ", "IT\n", "it-1\x00", "٣"]
)
def test_keys_of_nothing_find_nothing(key: str) -> None:
    assert Place.objects.find(key) is None


@pytest.mark.django_db
def test_ancestors_stand_nearest_first() -> None:
    bologna = Place.objects.get(pk="3181928")

    assert [place.code for place in Place.objects.ancestors_of(bologna)] == [
        "ITH55",
        "ITH5",
        "ITH",
        "IT",
        "EU",
    ]
    assert bologna.ancestor_codes() == ["ITH55", "ITH5", "ITH", "IT", "EU"]


@pytest.mark.django_db
def test_every_key_is_ascii_and_leads_back() -> None:
    odd = [
        place
        for place in Place.objects.filter(level=4).only("code", "kind", "latin")
        if not place.key.isascii()
    ]

    assert odd == []
    assert Place.objects.get(pk="3093133").key == "lodz-3093133"


@pytest.mark.django_db
def test_another_edition_is_seen_by_the_gazetteer(
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert find("Bologna").clear
    monkeypatch.setattr(index, "_index", index.current())

    with django_capture_on_commit_callbacks(execute=True):
        load_reference(small(tmp_path / "other"))

    assert find("Valletta").items[0].code == "2562305"
    assert find("Bologna").items == ()


def test_the_projection_reproduces_the_test_point_of_epsg() -> None:
    east, north = outline.laea(50, 5)

    assert (round(east, 2), round(north, 2)) == (3962799.45, 2999718.85)


def test_a_piece_of_the_map_carries_only_what_it_shows() -> None:
    x, y = outline.project(44.494, 11.343)

    shown = outline.rings_in(x - 40, y - 40, 80, 80)

    assert set(shown) == {"IT"}
    assert len(shown["IT"]) < len(outline.countries()["IT"].d)


@pytest.mark.parametrize(
    ("lat", "lon", "code"),
    [(44.49, 11.34, "IT"), (47.37, 8.54, "CH"), (35.9, 14.45, "MT"), (49.6, 6.1, "LU"), (35.1, 33.3, "CY")],
)
def test_a_point_lies_in_its_country(lat: float, lon: float, code: str) -> None:
    country, _ = outline.country_at(lat, lon)

    assert country is not None
    assert country.code == code
