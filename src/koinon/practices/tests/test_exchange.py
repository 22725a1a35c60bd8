"""Practices from files: looked at first, named row by row, all or nothing, once, and undone while nobody changed them."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from koinon.base.exits import harmless
from koinon.journal.models import Entry
from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.network.visitor import Visitor, visitor_for
from koinon.people.actions import make_token
from koinon.practices.actions import writing
from koinon.practices.content import content_of
from koinon.practices.exchange import actions, columns, export, tables
from koinon.practices.exchange.checking import MOST_WRONG, Plan
from koinon.practices.life import State
from koinon.practices.models import Import, Practice, Version
from koinon.practices.testing import make_content, make_practice
from koinon.practices.tests.helping import as_visitor, browser, somebody
from koinon.practices.tests.sheets import HOSTILE, csv_of, rows_of, xlsx_of

pytestmark = pytest.mark.django_db


def looked_at(content: bytes, by: Visitor, centre: Organisation, language: str = "en") -> Import:
    return actions.begin(content, by=by, organisation=centre, name="practices.csv", language=language)


def taken_in(content: bytes, by: Visitor, centre: Organisation) -> Import:
    return actions.take_in(looked_at(content, by, centre), by=by)


def plan_of(content: bytes, by: Visitor, centre: Organisation) -> Plan:
    return actions.try_file(content, by=by, organisation=centre, language="en")[1]


def wrongs(content: bytes, by: Visitor, centre: Organisation) -> list[tuple[int, str]]:
    return [(one.row, one.heading) for one in plan_of(content, by, centre).wrong]


@pytest.fixture
def centre(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def manager(centre: Organisation) -> Visitor:
    return as_visitor("manager", centre)


# All or nothing


def test_two_hundred_rows_with_a_bad_one_are_named_and_nothing_comes_in(
    centre: Organisation, manager: Visitor
) -> None:
    rows = rows_of(200)
    rows[122]["begun"] = "long ago"
    run = looked_at(csv_of(rows), manager, centre)

    with pytest.raises(actions.StillWrong) as wrong:
        actions.take_in(run, by=manager)

    assert [(one.row, one.heading) for one in wrong.value.plan.wrong] == [(124, "begun")]
    assert Practice.objects.count() == 0
    assert not Entry.objects.filter(verb="practice.imported").exists()


def test_two_hundred_rows_become_drafts_of_the_organisation(centre: Organisation, manager: Visitor) -> None:
    run = taken_in(csv_of(rows_of(200)), manager, centre)

    assert (run.state, run.new, bytes(run.content)) == (Import.State.DONE, 200, b"")
    made = Practice.objects.all()
    assert {(one.state, one.organisation, one.owner) for one in made.select_related("organisation")} == {
        ("draft", centre, None)
    }
    assert made.count() == 200
    version = Version.objects.get(title="A door, number 7")
    assert version.number == 1
    assert list(version.writers.values_list("pk", flat=True)) == [manager.person_id]
    assert [place.key for place in version.places.all()] == ["BE"]
    assert Entry.objects.filter(verb="practice.imported").count() == 1


def test_a_fault_in_the_middle_leaves_nothing(
    centre: Organisation, manager: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = looked_at(csv_of(rows_of(30)), manager, centre)
    monkeypatch.setattr(actions, "A_BATCH", 10)
    made = actions._make

    def faulty(run: Import, rows: list[Any], by: Visitor) -> None:
        made(run, rows, by)
        if rows[0].number > 12:
            raise OSError("away")

    monkeypatch.setattr(actions, "_make", faulty)

    with pytest.raises(OSError, match="away"):
        actions.take_in(run, by=manager)

    assert Practice.objects.count() == 0
    assert Import.objects.get().state == Import.State.LOOKED_AT


def test_the_number_of_questions_to_the_database_does_not_grow_with_the_rows(
    centre: Organisation, manager: Visitor, django_assert_max_num_queries: Any
) -> None:
    run = looked_at(csv_of(rows_of(100)), manager, centre)

    with django_assert_max_num_queries(60):
        actions.take_in(run, by=manager)


# Once


def test_the_same_file_twice_acts_once(centre: Organisation, manager: Visitor) -> None:
    content = csv_of(rows_of(3))
    first, second = looked_at(content, manager, centre), looked_at(content, manager, centre)
    actions.take_in(first, by=manager)
    actions.take_in(second, by=manager)
    again = taken_in(content, manager, centre)

    assert first.pk == second.pk
    assert Practice.objects.count() == 3
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)


def test_rows_without_a_key_are_known_by_their_title(centre: Organisation, manager: Visitor) -> None:
    rows = [{name: text for name, text in row.items() if name != "id"} for row in rows_of(3)]
    taken_in(csv_of(rows), manager, centre)
    rows[1]["summary"] = "Another sentence."

    plan = plan_of(csv_of(rows), manager, centre)

    assert plan.counts == {"new": 0, "changed": 1, "unchanged": 2, "wrong": 0}


def test_a_changed_file_changes_drafts_and_nothing_that_was_sent_in(
    centre: Organisation, manager: Visitor
) -> None:
    taken_in(csv_of(rows_of(2)), manager, centre)
    sent = Version.objects.get(title="A door, number 2")
    writing.submit(sent, by=manager)
    rows = rows_of(2)
    rows[0]["summary"] = "Another sentence."
    unchanged = taken_in(csv_of(rows), manager, centre)
    rows[1]["summary"] = "Another sentence too."

    assert (unchanged.changed, unchanged.unchanged) == (1, 1)
    assert Version.objects.get(title="A door, number 1").summary == "Another sentence."
    assert wrongs(csv_of(rows), manager, centre) == [(3, "id")]


def test_the_same_practice_twice_in_a_file_is_named(centre: Organisation, manager: Visitor) -> None:
    taken_in(csv_of(rows_of(1)), manager, centre)
    slug = Practice.objects.get().slug
    rows = [*rows_of(2), *rows_of(1), rows_of(1)[0] | {"id": slug}]

    assert wrongs(csv_of(rows), manager, centre) == [(4, "id"), (5, "id")]


def test_what_somebody_else_tells_already_is_named(centre: Organisation, manager: Visitor) -> None:
    there = make_practice("One door in Gent", organisation=make_organisation())

    assert wrongs(csv_of([{"id": there.slug, "title": "One door in Gent"}]), manager, centre) == [(2, "id")]
    assert wrongs(csv_of([{"id": there.slug, "title": "Another"}]), manager, centre) == []


def test_drafts_that_one_may_not_read_are_not_shown_by_their_address(centre: Organisation) -> None:
    draft = make_practice("Hidden", state="draft", organisation=centre)
    coordinator = as_visitor("coordinator")

    plan = plan_of(csv_of([{"id": draft.slug, "title": "Hidden"}]), coordinator, centre)

    assert plan.counts == {"new": 1, "changed": 0, "unchanged": 0, "wrong": 0}


# Undone


def test_undone_as_long_as_nobody_changed_it(centre: Organisation, manager: Visitor) -> None:
    taken_in(csv_of(rows_of(2)), manager, centre)
    before = {version.title: content_of(version) for version in Version.objects.all()}
    rows = rows_of(5)
    rows[0] |= {"summary": "Another sentence.", "places": "FI; BE"}
    run = taken_in(csv_of(rows), manager, centre)

    actions.undo(run, by=manager)
    actions.undo(run, by=manager)

    run.refresh_from_db()
    assert run.state == Import.State.UNDONE
    assert {version.title: content_of(version) for version in Version.objects.all()} == before
    assert Entry.objects.filter(verb="practice.import_undone").count() == 1


@pytest.mark.parametrize("deed", ["change", "submit", "delete"])
def test_not_undone_where_somebody_went_on(deed: str, centre: Organisation, manager: Visitor) -> None:
    run = taken_in(csv_of(rows_of(3)), manager, centre)
    version = Version.objects.get(title="A door, number 2")
    if deed == "change":
        writing.change(version, by=manager, edits=1, content=make_content("Mine"))
    elif deed == "submit":
        writing.submit(version, by=manager)
    else:
        writing.delete(version.practice, by=manager)
    left = Practice.objects.count()

    with pytest.raises(actions.NotAsItWas) as moved:
        actions.undo(run, by=manager)

    assert moved.value.rows == ([] if deed == "delete" else [3])
    assert Practice.objects.count() == left


def test_what_was_undone_can_come_in_again(centre: Organisation, manager: Visitor) -> None:
    content = csv_of(rows_of(2))
    actions.undo(taken_in(content, manager, centre), by=manager)

    assert taken_in(content, manager, centre).new == 2


# Rows


def test_each_wrong_cell_is_named_with_what_is_wrong(centre: Organisation, manager: Visitor) -> None:
    row = rows_of(1)[0]
    rows = [
        row | {"title": ""},
        row | {"id": "2", "begun": "1850"},
        row | {"id": "3", "places": "Atlantis"},
        row | {"id": "4", "summary": "x" * 301},
        row | {"id": "5", "approach": "a\u202eb"},
        row | {"id": "6", "challenge": "e" + "\u0301" * 9},
    ]

    found = plan_of(csv_of(rows), manager, centre).wrong

    headings = ["title", "begun", "places", "summary", "approach", "challenge"]
    assert [(one.row, one.heading) for one in found] == list(enumerate(headings, start=2))
    assert all(one.what.endswith(".") for one in found)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kind", "maybe"),
        ("stage", "soon"),
        ("targets", "young; nobody"),
        ("objectives", "a; z"),
        ("topics", "no such word of the field"),
        ("language", "xx"),
        ("evidence", "9"),
        ("links", "javascript:alert(1)"),
        ("title", "half \ufffd"),
    ],
)
def test_words_that_are_none_of_ours_are_named(
    name: str, text: str, centre: Organisation, manager: Visitor
) -> None:
    assert wrongs(csv_of([rows_of(1)[0] | {name: text}]), manager, centre) == [(2, name)]


@pytest.mark.parametrize(
    ("begun", "found"),
    [("2019", (2019, None)), ("2019-05-03", (2019, None)), ("03.05.2019", (2019, None)), ("2019–2022", (2019, 2022)),
     ("2019 - 2022", (2019, 2022)), ("5/2019", (2019, None)), ("2019.0", (2019, None))],
)  # fmt: skip
def test_years_as_people_write_them(
    begun: str, found: tuple[int, int | None], centre: Organisation, manager: Visitor
) -> None:
    (row,) = plan_of(csv_of([{"title": "A", "begun": begun}]), manager, centre).rows

    assert (row.content.begun, row.content.ended) == found


def test_formulas_without_a_result_and_errors_are_named(centre: Organisation, manager: Visitor) -> None:
    content = xlsx_of([["title", "summary"], ["A", '=B1&"x"'], ["B", "plain"]])

    assert wrongs(content, manager, centre) == [(2, "summary")]


def test_words_of_the_page_are_taken_for_the_codes(centre: Organisation, manager: Visitor) -> None:
    row = {"title": "A", "kind": "did not work", "targets": "Young people; roma", "evidence": "Own data"}

    (found,) = plan_of(csv_of([row]), manager, centre).rows

    assert (found.content.kind, found.content.targets, found.content.evidence) == (
        "failed",
        ("young", "roma"),
        2,
    )


def test_where_all_is_wrong_nobody_looks_on(centre: Organisation, manager: Visitor) -> None:
    plan = plan_of(csv_of(rows_of(2000, begun="never")), manager, centre)

    assert (plan.is_cut, len(plan.wrong), plan.rows) == (True, MOST_WRONG, [])


def test_headings_can_be_said_otherwise(centre: Organisation, manager: Visitor) -> None:
    run = looked_at(b"A,B\nOne office,A door\n", manager, centre, language="fi")

    assert run.mapping == {}
    actions.arrange(run, by=manager, mapping={"title": 1, "summary": 0}, language="sv")
    actions.take_in(run, by=manager)

    version = Version.objects.get()
    assert (version.title, version.summary, version.language) == ("A door", "One office", "sv")


# Out, and in again


def whole(title: str, organisation: Organisation, **more: Any) -> Practice:
    return make_practice(
        title,
        organisation=organisation,
        places=("BE", "FI"),
        steps="Month 1: We agree.\nMonth 2: We open.",
        targets=("young", "roma"),
        objectives=("a", "h"),
        begun=2018,
        ended=2022,
        cost="under100",
        evidence=3,
        evidence_kind="survey",
        results="In work | 46 % | 31 % | 412",
        links=(("A report; part 1", "https://example.org/a?b=1;c=2"), ("Plain", "https://example.org/")),
        lessons="=1+1 is no formula\n\n_x0041_ and “quotes”, 'single' ones",
        stops="-5 %",
        law="'=twice",
        money="'plain",
        **more,
    )


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
@pytest.mark.parametrize("state", ["published", "draft"])
def test_what_goes_out_comes_in_unchanged(
    form: str, state: str, centre: Organisation, manager: Visitor
) -> None:
    practices = [whole("=HYPERLINK(1)", centre, state=state), whole("Žluťoučký", centre, state=state)]
    before = [content_of(practice.latest) for practice in practices]
    content = export.full(form).file(actions.take_out(centre, by=manager), form).content

    assert plan_of(content, manager, centre).counts == {"new": 0, "changed": 0, "unchanged": 2, "wrong": 0}

    Practice.objects.all().delete()
    taken_in(content, manager, centre)
    assert [content_of(version) for version in Version.objects.order_by("-pk")] == before


def test_what_came_from_a_file_goes_out_and_comes_in_unchanged(
    centre: Organisation, manager: Visitor
) -> None:
    taken_in(csv_of(rows_of(3)), manager, centre)
    content = export.full("csv").file(actions.take_out(centre, by=manager), "csv").content

    assert plan_of(content, manager, centre).counts == {"new": 0, "changed": 0, "unchanged": 3, "wrong": 0}


def test_cells_that_begin_a_formula_are_harmless_and_come_back() -> None:
    for text in (
        "=1",
        "+1",
        "-1",
        "@a",
        " =1",
        "\t=1",
        "＝1",
        "＠a",
        "'＋1",
        "\ta",
        "'=1",
        "''=1",
        "plain",
        "'plain",
        "",
    ):
        assert not harmless(text).lstrip().startswith(tuple("=+-@＝＋－＠"))
        assert tables._shown(harmless(text)) == text


def test_everybody_takes_what_is_public_and_nothing_else(client: Client, centre: Organisation) -> None:
    make_practice("Public", organisation=centre)
    make_practice("A draft", state="draft", organisation=centre)
    address = reverse("practices:export")

    items = client.get(address, {"format": "json"}).json()["items"]

    assert [item["title"] for item in items] == ["Public"]
    assert [name for name in items[0] if name not in columns.NAMES] == list(columns.ONLY_OUT)
    assert client.get(address, {"format": "exe"}).status_code == 400
    assert client.get(address).status_code == 200


def test_social_innovation_match_has_its_own_headings(client: Client) -> None:
    make_practice("Public", funding="ESF+", begun=2019)

    answer = client.get(reverse("practices:export"), {"format": "json", "shape": "sim"}).json()

    (item,) = answer["items"]
    assert list(item) == [heading for heading, _names in columns.SIM]
    assert (item["Title"], item["Funding"], item["Period"]) == ("Public", "ESF+", "2019–")


def test_managers_take_out_drafts_and_leads_only_what_was_sent_in(centre: Organisation) -> None:
    make_practice("A draft", state="draft", organisation=centre)
    make_practice("Sent in", state="submitted", organisation=centre)
    make_practice("Public", organisation=centre)

    def titles(by: Visitor) -> set[str]:
        return {told.version.title for told in actions.take_out(centre, by=by)}

    assert titles(as_visitor("manager", centre)) == {"A draft", "Sent in", "Public"}
    assert titles(as_visitor("coordinator")) == {"Sent in", "Public"}
    with pytest.raises(PermissionDenied):
        titles(as_visitor("editor", centre))


def test_taking_out_asks_for_a_passkey_and_is_written_down(centre: Organisation) -> None:
    from koinon.people.testing import come_in, make_passkey

    person = somebody("manager", centre)
    make_passkey(person)
    address, sent = reverse("practices:export_organisation"), {"organisation": centre.pk, "format": "csv"}
    by_code = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), person)
    by_key = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), person, how="mfa")

    assert (
        "/prove" in by_code.post(address, sent)["Location"] or by_code.post(address, sent).status_code == 302
    )
    assert Entry.objects.filter(verb="practice.exported").count() == 0
    answer = by_key.post(address, sent)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert Entry.objects.filter(verb="practice.exported").count() == 1


def test_my_own_as_a_file(centre: Organisation) -> None:
    person = somebody("innovator", centre)
    make_practice("Mine", state="draft", owner=person)
    make_practice("Another's", state="draft")

    items = browser(person).get("/practices/mine.json").json()["items"]

    assert [item["title"] for item in items] == ["Mine"]
    assert browser(person).get("/practices/mine.exe").status_code == 404


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_template_has_all_headings(ending: str, client: Client) -> None:
    answer = client.get(f"/practices/import/template.{ending}")

    with pytest.raises(tables.Refused, match="no row beneath"):
        tables.read(answer.content)
    # Filled in, it is understood.
    if ending == "csv":
        table = tables.read(answer.content + b"a" + b"," * (len(columns.NAMES) - 1) + b"\r\n")
        assert columns.guess(table.headers) == {name: at for at, name in enumerate(columns.NAMES)}


# Pages


def sent(content: bytes, name: str = "practices.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_from_the_file_to_the_drafts_and_back(centre: Organisation) -> None:
    page = browser(somebody("manager", centre))
    rows = rows_of(3)
    rows[1]["places"] = "Atlantis"
    fields = {"organisation": centre.pk, "language": "en"}

    looked = page.post("/practices/import/", fields | {"file": sent(csv_of(rows))}, follow=True)
    assert "1 row is wrong" in looked.text
    run = Import.objects.get()
    refused = page.post(f"/practices/import/{run.pk}/run/")
    assert (refused.status_code, Practice.objects.count()) == (422, 0)

    page.post("/practices/import/", fields | {"file": sent(csv_of(rows_of(3)))})
    run = Import.objects.latest("pk")
    done = page.post(f"/practices/import/{run.pk}/run/", follow=True)
    assert "3 drafts came in" in done.text
    assert run.digest in done.text
    assert Entry.objects.get(verb="practice.imported").hash in done.text
    undone = page.post(f"/practices/import/{run.pk}/undo/", follow=True)
    assert "Undone" in undone.text
    assert Practice.objects.count() == 0


def test_undoing_says_which_rows_went_on(centre: Organisation) -> None:
    person = somebody("manager", centre)
    run = taken_in(csv_of(rows_of(3)), visitor_for(person), centre)
    version = Version.objects.get(title="A door, number 2")
    writing.change(version, by=visitor_for(person), edits=1, content=make_content("Mine"))

    answer = browser(person).post(f"/practices/import/{run.pk}/undo/")

    assert (answer.status_code, Practice.objects.count()) == (409, 3)
    assert "changed or sent in since: 3." in answer.text


@pytest.mark.parametrize(
    "name",
    ["nothing", "NUL", "billions laughing", "a bomb that lies", "a quote never closed", "a hundred thousand rows",
     "half of UTF-16", "JSON with digits", "macros", "too large"],
)  # fmt: skip
def test_hostile_files_get_a_plain_answer(name: str, centre: Organisation) -> None:
    page = browser(somebody("manager", centre))

    answer = page.post(
        "/practices/import/",
        {"organisation": centre.pk, "language": "en", "file": sent(HOSTILE[name](), "a\x00<b>\u202e.csv")},
    )

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert Import.objects.count() == 0


def test_words_of_a_file_stand_as_words(centre: Organisation) -> None:
    page = browser(somebody("manager", centre))
    content = b"title,<b>x</b>\n<script>alert(1)</script>,a\n"

    answer = page.post(
        "/practices/import/",
        {"organisation": centre.pk, "language": "en", "file": sent(content, "<i>.csv")},
        follow=True,
    )

    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script>alert(1)" not in answer.text
    assert "<b>x</b>" not in answer.text


def test_another_persons_file_is_not_there(centre: Organisation, manager: Visitor) -> None:
    run = looked_at(csv_of(rows_of(1)), manager, centre)
    page = browser(somebody("manager", centre))

    assert page.get(f"/practices/import/{run.pk}/").status_code == 404
    assert page.post(f"/practices/import/{run.pk}/run/").status_code == 404


def test_an_editor_looks_and_does_not_take_in(centre: Organisation) -> None:
    person = somebody("editor", centre)
    run = looked_at(csv_of(rows_of(1)), visitor_for(person), centre)
    page = browser(person)

    assert "Somebody who manages the organisation" in page.get(f"/practices/import/{run.pk}/").text
    assert page.post(f"/practices/import/{run.pk}/run/").status_code == 403
    with pytest.raises(PermissionDenied):
        actions.take_in(run, by=visitor_for(person))


def test_files_that_were_left_are_not_kept_for_ever(centre: Organisation, manager: Visitor) -> None:
    for count in range(1, actions.MOST_WAITING + 3):
        looked_at(csv_of(rows_of(count)), manager, centre)

    assert Import.objects.count() == actions.MOST_WAITING


def test_who_closes_the_account_leaves_no_file_behind(centre: Organisation) -> None:
    from koinon.people.actions import erase, export

    somebody("manager", centre)
    person = somebody("manager", centre)
    by = visitor_for(person)
    looked_at(csv_of(rows_of(2)), by, centre)
    done = taken_in(csv_of(rows_of(1)), by, centre)
    assert [row["state"] for row in export(person, by=by)["files_of_practices"]] == ["looked_at", "done"]

    erase(person, by=by)

    assert [(row.pk, row.by_id, bytes(row.content)) for row in Import.objects.all()] == [(done.pk, None, b"")]


# The API


def call(person: Any, content: bytes, centre: Organisation, *, key: str = "", **more: str) -> Any:
    _token, secret = make_token(person, by=None, label="t", scopes=["read", "write"])
    headers = {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": key} if key else {})
    query = "&".join(f"{name}={value}" for name, value in ({"organisation": centre.slug} | more).items())
    return Client().post(f"/api/v1/practices/import?{query}", {"file": sent(content)}, headers=headers)


def test_a_program_looks_first_and_then_takes_in_once(centre: Organisation) -> None:
    person, content = somebody("manager", centre), csv_of(rows_of(3))
    key = "0b9a3a52-3d0c-4b6e-9a57-0b7a5f3f1c11"

    tried = call(person, content, centre).json()
    assert (tried["taken_in"], tried["new"], Practice.objects.count()) == (False, 3, 0)
    assert tried["columns"]["title"] == "title"
    first = call(person, content, centre, key=key, dry_run="false")
    again = call(person, content, centre, key=key, dry_run="false")
    assert first.json() == again.json()
    assert (first.json()["taken_in"], first.json()["new"], Practice.objects.count()) == (True, 3, 3)
    other = call(person, csv_of(rows_of(4)), centre, key=key, dry_run="false")
    assert (other.status_code, Practice.objects.count()) == (422, 3)


def test_a_program_is_told_which_rows_are_wrong(centre: Organisation) -> None:
    rows = rows_of(3)
    rows[1]["begun"] = "never"

    answer = call(somebody("manager", centre), csv_of(rows), centre, dry_run="false")

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [(one["row"], one["heading"]) for one in answer.json()["errors"]] == [(3, "begun")]
    assert Practice.objects.count() == 0


def test_a_program_has_the_rights_of_its_person(centre: Organisation) -> None:
    content, editor = csv_of(rows_of(1)), somebody("editor", centre)

    assert call(editor, content, centre).status_code == 200
    assert call(editor, content, centre, dry_run="false").status_code == 403
    assert call(somebody("editor", make_organisation()), content, centre).status_code == 403
    assert Client().post("/api/v1/practices/import", {"file": sent(content)}).status_code == 401
    assert call(editor, b"\0", centre).status_code == 422
    assert json.loads(call(editor, b"\0", centre).content)["detail"].endswith(".")


def test_drafts_from_a_file_go_the_way_of_all_drafts(centre: Organisation, manager: Visitor) -> None:
    taken_in(csv_of(rows_of(1)), manager, centre)

    version = writing.submit(Version.objects.get(), by=as_visitor("editor", centre))

    assert version.state == State.SUBMITTED
