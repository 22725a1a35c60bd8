"""The facts load all or nothing, again without change, and leave alone what people changed here."""

import copy
import json
import os
from collections.abc import Iterator
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from koinon.network.actions.dump import dump
from koinon.network.actions.load import (
    DATA,
    KINDS,
    LoadError,
    _load,
    is_loaded,
    load_facts,
    load_file,
    load_files,
)
from koinon.network.actions.programmes import in_2024
from koinon.network.actions.reading import read_json
from koinon.network.models import (
    Call,
    Contradiction,
    Coverage,
    Membership,
    MemberState,
    Organisation,
    Phase,
    Programme,
    ProgrammeArea,
)

pytestmark = pytest.mark.django_db
ALL = (Organisation, Membership, Coverage, Phase, Programme, ProgrammeArea, MemberState, Call, Contradiction)


def counts() -> list[int]:
    return [model.objects.count() for model in ALL]


def changed(tmp_path: Path, file: str, change: Any) -> Path:
    """A copy of a shipped file with something changed in it."""
    content = json.loads((DATA / file).read_text(encoding="utf-8"))
    change(content)
    path = tmp_path / file
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_everything_is_there(facts: None) -> None:
    kinds = Organisation.objects.values_list("kind", flat=True)

    assert sum(1 for kind in kinds if kind == "consortium") == 11
    assert Organisation.objects.centres().today().count() == 27
    assert Organisation.objects.filter(loaded__file="organisations.json").count() == 125
    assert Programme.objects.count() == 165
    assert MemberState.objects.count() == 27
    assert Membership.objects.filter(loaded__file="organisations.json").count() == 159


def test_loading_again_changes_nothing(facts: None) -> None:
    before = counts()

    again = _load({kind.file: read_json(DATA / kind.file) for kind in KINDS}, shipped=True)

    assert (again.new, again.changed, again.gone, counts()) == (0, 0, 0, before)


def test_what_is_loaded_is_known_without_loading(facts: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert is_loaded()
    with django_assert_num_queries(1):
        assert not load_facts()


@pytest.mark.parametrize(
    ("file", "change", "record"),
    [
        ("organisations.json", lambda c: c["organisations"][-1].pop("type"), "es-fresno-the-right-link"),
        ("organisations.json", lambda c: c["organisations"].append("x"), "organisations 126"),
        ("consortia.json", lambda c: c["consortia"][4].update(start_exact="2021-13"), "seed"),
        ("consortia.json", lambda c: c["consortia"][4].update(end="2020", end_exact=None), "seed"),
        ("history.json", lambda c: c["host_names"]["Euricse"].update(organisation=[]), "host_names Euricse"),
        ("history.json", lambda c: c["earlier_centres"][0].update(consortia=[" "]), "hubsi"),
        ("centres.json", lambda c: c["centres"][3].update(project_2024_2027="none"), "ncc-hr"),
        ("programmes.json", lambda c: c["programmes"][-1].update(level="local"), "lv-002"),
        ("programmes.json", lambda c: c["programmes"][1].update(cci="2021FR05SFPR001"), "fr-002"),
        ("programmes.json", lambda c: c["programmes"][0].update(name="a\u202eb"), "fr-001"),
        ("member_states.json", lambda c: c["member_states"].append(c["member_states"][0]), "AT"),
        ("history.json", lambda c: c["phases"][0].update(centre="ncc-xx"), "phases 1"),
    ],
)
def test_a_broken_record_is_named_and_nothing_is_loaded(
    nothing: None, tmp_path: Path, file: str, change: Any, record: str
) -> None:
    paths = [changed(tmp_path, kind.file, change if kind.file == file else lambda _: None) for kind in KINDS]

    with pytest.raises(LoadError) as trouble:
        load_files(paths)

    assert (trouble.value.file, trouble.value.record) == (file, record)
    assert counts() == [0] * len(ALL)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"a": 1}',
        "\udce9",
        "[" * 100000,
        '{"a": NaN}',
        '{"a": 1e400}',
        '{"a": ["\\ud800"]}',
        '{"a": "\\u0000"}',
        '{"a": ' + "1" * 5000 + "}",
    ],
)
def test_what_is_no_fact_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(LoadError):
        load_file(path)


def leaves(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a file, the containers too."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inner:
        yield (*way, key)
        yield from leaves(value, (*way, key))


HOSTILE: tuple[Any, ...] = (
    "a\x00b",
    "\ud800",
    "\u202ea",
    "x" * 10_000,
    "",
    " ",
    -1,
    10**30,
    float("nan"),
    True,
    None,
    [],
    ["a", ["b"]],
    {"a": {}},
    "2022-02-30",
    "0001-01-01",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.file))
def test_whatever_stands_in_a_file_is_loaded_or_refused_by_name(
    facts: None, tmp_path: Path, kind: Any
) -> None:
    """One value at a time is made hostile, all through the file; every run does a share of them."""
    content = json.loads((DATA / kind.file).read_text(encoding="utf-8"))
    ways = list(leaves(content))
    step = 1 if os.environ.get("KOINON_TEST_LONG") else max(1, len(ways) // 40)
    before, faults, refused = counts(), [], 0
    for number, way in enumerate(ways[::step]):
        hostile = HOSTILE[number % len(HOSTILE)]
        made = copy.deepcopy(content)
        part = reduce(lambda inner, key: inner[key], way[:-1], made)
        part[way[-1]] = hostile
        path = tmp_path / kind.file
        path.write_text(json.dumps(made), encoding="utf-8")
        try:
            with transaction.atomic():
                load_file(path)
                transaction.set_rollback(True)
        except LoadError as trouble:
            refused += 1
            if trouble.file != kind.file:
                faults.append(f"{way}: {trouble}")
        except Exception as trouble:
            faults.append(f"{way} = {hostile!r:.40}: {trouble!r:.200}")

    assert not faults, "\n".join(faults)
    assert refused
    assert counts() == before


def test_what_an_owner_changed_or_confirmed_stays(facts: None, tmp_path: Path) -> None:
    Organisation.objects.filter(slug="it-euricse").update(name="Euricse!", edited_at=timezone.now())
    Organisation.objects.filter(slug="it-city-of-turin").update(
        city="Torino", confirmed_on=date(2026, 11, 23)
    )
    newer = changed(
        tmp_path,
        "organisations.json",
        lambda c: [row.update(city="Elsewhere") for row in c["organisations"]],
    )

    outcome = load_file(newer)

    assert Organisation.objects.get(slug="it-euricse").name == "Euricse!"
    assert Organisation.objects.get(slug="it-city-of-turin").city == "Torino"
    assert Organisation.objects.get(slug="it-university-of-bologna").city == "Elsewhere"
    assert sorted(outcome.kept) == ["organisation City of Turin", "organisation Euricse!"]


def test_what_is_written_out_makes_the_same_network(facts: None, tmp_path: Path) -> None:
    Organisation.objects.filter(slug="it-euricse").update(city="Trient", edited_at=timezone.now())
    Organisation.objects.filter(slug="it-city-of-turin").update(confirmed_on=date(2026, 11, 23))
    before = counts()
    paths = dump(tmp_path)
    for model in (Membership, Coverage, Phase, ProgrammeArea, Programme, Organisation, MemberState, Call):
        model.objects.all().delete()

    load_files(paths)

    assert counts() == before
    assert Organisation.objects.get(slug="it-euricse").city == "Trient"
    assert Organisation.objects.get(slug="it-euricse").edited_at is not None
    assert Organisation.objects.get(slug="it-city-of-turin").confirmed_on == date(2026, 11, 23)


def test_hosts_that_are_no_organisation_of_the_file_are_not_merged(facts: None) -> None:
    ministry = Organisation.objects.get(slug="bg-ministry-of-labour-and-social-policy")

    assert ministry.kind == Organisation.Kind.MINISTRY
    assert [tie.within.slug for tie in ministry.memberships.all()] == ["ncc-bg"]


def test_an_unknown_host_becomes_an_organisation_of_its_own(facts: None, tmp_path: Path) -> None:
    path = changed(tmp_path, "centres.json", lambda c: c["centres"][18].update(hosts=["Somebody in Malta"]))

    load_files([path, DATA / "history.json"])

    somebody = Organisation.objects.get(slug="mt-somebody-in-malta")
    assert (somebody.kind, somebody.country) == (Organisation.Kind.OTHER, "MT")
    assert [tie.within.slug for tie in somebody.memberships.all()] == ["ncc-mt"]


def test_what_the_file_keeps_back_is_not_shown(facts: None) -> None:
    programme = Programme.objects.get(code="hu-003")

    assert not programme.published
    assert programme.authority is not None
    assert not programme.authority.published
    assert programme not in Programme.objects.public()


def test_portugal_in_the_codes_of_2024() -> None:
    assert in_2024("ITH5") == ["ITH5"]
    assert in_2024("PT16") == ["PT191", "PT192", "PT193", "PT194", "PT195", "PT196", "PT1D1", "PT1D2"]
    assert in_2024("PT17") == ["PT1A0", "PT1B0"]
    assert in_2024("PT18") == ["PT1C1", "PT1C2", "PT1C3", "PT1C4", "PT1D3"]


def test_the_commands_of_an_operator(facts: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("dump", str(tmp_path / "out"))
    call_command("load", *map(str, sorted((tmp_path / "out").glob("*.json"))))
    broken = changed(tmp_path, "member_states.json", lambda c: c["member_states"][0].pop("name"))

    with pytest.raises(CommandError, match=r"Nothing was loaded. member_states.json, AT: name is missing"):
        call_command("load", str(broken))

    assert "0 new, 0 changed, 0 gone." in capsys.readouterr().out
