"""Who serves a place on a day, nearest first, and what is missing: true for the real network."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from koinon.network.models import Organisation, Programme
from koinon.network.responsible import Answer, answer, programmes_for
from koinon.network.testing import make_organisation, make_programme
from koinon.places.models import Place

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)


def place(code: str, level: int = 4, *, country: str = "", nuts: str = "") -> Place:
    kind = {-1: "country", 0: "country", 4: "locality"}.get(level, "region")
    return Place(
        code=code, kind=kind, level=level, country=country or code[:2], parent_id=nuts or None, name=code
    )


BOLOGNA = place("3181928", country="IT", nuts="ITH55")
TORINO = place("3165524", country="IT", nuts="ITC11")


def ask(where: Place, day: date = TODAY) -> Answer:
    return answer(where, day, today=TODAY)


def titles(found: Answer, level: str, relation: str = "now") -> list[str]:
    return [link.title for link in found.links if link.level == level and link.relation == relation]


def test_bologna_from_its_region_to_europe(facts: None) -> None:
    found = ask(BOLOGNA)

    assert titles(found, "region") == [
        "Regione Emilia-Romagna, DG Educazione, Scuola, Formazione e Università"
    ]
    assert [p.title for p in found.links[0].programmes] == ["PR FSE+ Emilia-Romagna 2021-2027"]
    centre = next(link for link in found.links if link.kind == "centre")
    assert centre.title == "Italian Competence Centre for Social Innovation"
    assert [tie.member.name for tie in centre.hosts] == [
        "City of Turin",
        "Polytechnic University of Turin",
        "Polytechnic University of Milan",
        "University of Bologna",
        "Fondazione Giacomo Brodolini",
        "EURICSE",
    ]
    assert [title.split(":")[0] for title in titles(found, "consortium")] == ["SEED2SCALE"]
    assert [title.split(":")[0] for title in titles(found, "consortium", "former")] == ["SEED"]
    assert titles(found, "europe") == ["European Competence Centre for Social Innovation"]
    levels = ["region", "country", "consortium", "europe"]
    assert sorted((link.level for link in found.links), key=levels.index) == [
        link.level for link in found.links
    ]
    assert found.gaps == []
    assert all(link.because and link.sources and link.url for link in found.links)


def test_torino_in_2022_and_today(facts: None) -> None:
    then, now = ask(TORINO, date(2022, 6, 1)), ask(TORINO)

    assert [title.split(":")[0] for title in titles(then, "consortium")] == ["SEED"]
    assert [title.split(":")[0] for title in titles(then, "consortium", "later")] == ["SEED2SCALE"]
    seed = next(link for link in then.links if link.kind == "consortium")
    assert [tie.member.name for tie in seed.hosts] == ["City of Turin"]
    assert [link for link in then.links if link.kind == "centre"] == []
    assert [gap.text for gap in then.gaps] == [
        "On 1 June 2022 the national competence centre of Italy was still being set up."
    ]
    assert [title.split(":")[0] for title in titles(now, "consortium")] == ["SEED2SCALE"]
    assert len([link for link in now.links if link.kind == "centre"]) == 1


def test_between_the_two_generations_there_was_nobody(facts: None) -> None:
    found = ask(TORINO, date(2024, 1, 1))

    assert titles(found, "consortium") == []
    assert [gap.level for gap in found.gaps] == ["country", "consortium"]


def test_the_hosts_of_then(facts: None) -> None:
    belgium, hungary = ask(place("BE", 0), date(2022, 6, 1)), ask(place("HU", 0), date(2022, 6, 1))

    hub = next(link for link in belgium.links if link.kind == "centre")
    assert hub.title == "HUBSI - hub for social innovation"
    assert [tie.member.slug for tie in hub.hosts] == [
        "be-esf-vlaanderen-europa-wse-since-30-sept-2022",
        "be-social-innovation-factory",
    ]
    then = next(link for link in hungary.links if link.kind == "centre")
    assert {tie.member.slug[:7] for tie in then.hosts} == {"hu-ifka", "hu-hung"}
    assert not then.certain
    today = next(link for link in ask(place("HU", 0)).links if link.kind == "centre")
    assert [tie.member.slug for tie in today.hosts] == [
        "hu-eotvos-lorand-university-elte-innovation-centre-tinlab"
    ]


@pytest.mark.parametrize(
    ("country", "levels"),
    [
        ("MT", ["country"]),
        ("NL", ["country"]),
        ("CY", ["country", "consortium"]),
        ("LT", ["country", "consortium"]),
        ("BG", ["country", "consortium"]),
        ("LU", []),
        ("HR", []),
        ("IT", []),
    ],
)
def test_gaps_are_told_truthfully(facts: None, country: str, levels: list[str]) -> None:
    assert [gap.level for gap in ask(place(country, 0)).gaps] == levels


def test_no_centre_stands_in_the_chain_where_none_was_found(facts: None) -> None:
    for country in ("MT", "NL"):
        assert [link for link in ask(place(country, 0)).links if link.kind == "centre"] == []


def test_a_land_whose_authority_is_not_known(facts: None) -> None:
    found = ask(place("2950159", country="DE", nuts="DE300"))

    assert found.links[0].title == "ESF+ Berlin 2021-2027"
    assert found.links[0].stand.value == "notfound"
    assert [gap.title for gap in found.gaps] == ["Managing authority not found"]


def test_a_region_above_lists_the_programmes_inside(facts: None) -> None:
    found = ask(place("ITH", 1))

    assert titles(found, "region") == []
    assert sorted(programme.region for programme in found.inside) == [
        "Emilia-Romagna",
        "Friuli-Venezia Giulia",
        "PA Bolzano",
        "PA Trento",
        "Veneto",
    ]


def test_portugal_was_cut_up(facts: None) -> None:
    assert titles(ask(place("PT1D3", 3)), "region") == ["CCDR Alentejo"]
    assert titles(ask(place("PT1D1", 3)), "region") == [
        "Autoridade de Gestão do Centro 2030, junto da CCDR Centro"
    ]
    assert titles(ask(place("PT1B0", 3)), "region") == ["CCDR Lisboa e Vale do Tejo"]
    assert sorted(programme.region for programme in ask(place("PT1D", 2)).inside) == ["Alentejo", "Centro"]


def test_the_same_number_of_queries_for_malta_and_germany(facts: None) -> None:
    numbers = []
    for where in (place("2562305", country="MT", nuts="MT001"), place("2950159", country="DE", nuts="DE300")):
        with CaptureQueriesContext(connection) as asked:
            ask(where)
        numbers.append(len(asked))

    assert numbers == [6, 6]


def test_which_national_programme_comes_first(nothing: None) -> None:
    food = make_programme("Food", art14_status=Programme.Article14.NOT_EXPECTED, authority=make_authority())
    general = make_programme("General", authority=make_authority())
    innovation = make_programme("New", art14_status=Programme.Article14.PRIORITY, authority=make_authority())

    assert [money.programme for money in programmes_for(TORINO)] == [innovation, general, food]


def make_authority(**more: Any) -> Organisation:
    return make_organisation(kind=Organisation.Kind.AUTHORITY, state="", **more)


def test_one_authority_stands_once_with_all_its_programmes(nothing: None) -> None:
    authority = make_authority()
    programmes = [make_programme(authority=authority), make_programme(authority=authority)]

    links = ask(TORINO).links

    assert [link.programmes for link in links] == [tuple(programmes)]


def test_europe_has_a_chain_too(facts: None) -> None:
    found = ask(place("EU", -1))

    assert len(titles(found, "consortium")) == 5
    assert titles(found, "europe") == ["European Competence Centre for Social Innovation"]
    assert (found.gaps, found.money, found.inside) == ([], [], [])


def test_what_is_a_draft_is_not_told(facts: None) -> None:
    Organisation.objects.filter(slug="ncc-it").update(published=False)

    assert [link for link in ask(TORINO).links if link.kind == "centre"] == []
