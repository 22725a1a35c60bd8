"""A call from a draft to its end: drafted, published, corrected, moved, closed by itself, withdrawn; nobody overwrites anybody."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client
from django.utils import timezone

from koinon.calls import hooks
from koinon.calls.actions import publishing, writing
from koinon.calls.actions.writing import Asking, When
from koinon.calls.models import Call, Change, Cutoff
from koinon.calls.testing import make_call, make_date, make_terms
from koinon.calls.words import Kind, Stage
from koinon.journal import fresh
from koinon.journal.models import Entry, Version
from koinon.network.models import Organisation, Role, Stand
from koinon.network.testing import make_consortium, make_membership, make_organisation, make_visitor
from koinon.network.visitor import ANYONE, Visitor
from koinon.people.testing import come_in
from koinon.search.models import Change as Touched

pytestmark = pytest.mark.django_db
GONE = When(date(2026, 3, 2), time(17), "Europe/Rome")
SOON = When(date(2027, 3, 2), time(17), "Europe/Rome")


@pytest.fixture
def body() -> Organisation:
    return make_organisation(kind=Organisation.Kind.AUTHORITY)


@pytest.fixture
def authority(body: Organisation) -> Visitor:
    return make_visitor(Role.Kind.AUTHORITY, body)


def signed_in(client: Client, by: Visitor) -> Client:
    assert by.person is not None
    come_in(client, by.person, how="mfa", proved=True)
    return client


def drafted(body: Organisation, by: Visitor, **more: Any) -> Call:
    return writing.draft(body, by=by, terms=make_terms(**more), when=SOON)


def test_a_draft_is_its_keepers_and_nobody_elses(body: Organisation, authority: Visitor) -> None:
    call = drafted(body, authority)

    assert [*Call.objects.seen_by(authority)] == [call]
    assert not Call.objects.seen_by(ANYONE).exists()
    assert not Call.objects.seen_by(make_visitor(Role.Kind.MANAGER, make_organisation())).exists()


def test_published_it_is_everybodys_and_found_and_new_to_those_who_follow(
    body: Organisation, authority: Visitor
) -> None:
    call = drafted(body, authority)
    before = fresh.newest()

    publishing.publish(call, by=authority)

    assert [*Call.objects.seen_by(ANYONE)] == [call]
    assert Touched.objects.filter(type="call", key=call.slug).exists()
    happened = fresh.events(before, fresh.newest())
    assert [event.verb for event in happened["calls", str(call.pk)]] == ["call.published"]


def told_as(before: int) -> dict[str, str]:
    """What those who follow everything read: title → what happened."""
    (source,) = [one for one in fresh.sources if one.name == "calls"]
    events = fresh.events(before, fresh.newest())
    items = source.load([key for name, key in events if name == "calls"])
    verbs = {item.title: [event.verb for event in events["calls", item.key]] for item in items}
    return {title: str(source.verbs[min(those, key=source.weight)]) for title, those in verbs.items()}


def test_a_call_that_is_over_is_not_announced_as_new(body: Organisation, authority: Visitor) -> None:
    before = fresh.newest()
    over = writing.draft(body, by=authority, terms=make_terms("Too late"), when=GONE)
    drafted(body, authority, title="In time")

    for call in Call.objects.all():
        publishing.publish(call, by=authority)

    over.refresh_from_db()
    assert over.state == Call.State.CLOSED
    assert told_as(before) == {"In time": "New call"}
    Call.objects.filter(title="In time").update(closes_at=timezone.now() - timedelta(minutes=1))
    assert told_as(before) == {}


def test_a_deadline_that_turns_out_to_be_over_is_told_as_that(body: Organisation, authority: Visitor) -> None:
    before = fresh.newest()
    call = publishing.publish(drafted(body, authority, title="Moved"), by=authority)

    writing.move_date(call.cutoffs.get(), by=authority, version=call.version, when=GONE)

    assert told_as(before) == {"Moved": "New deadline"}


@pytest.mark.parametrize(
    ("lacks", "change"),
    [
        ("places", {"places": ()}),
        ("opener", {"opener_text": ""}),
        ("sources", {"sources": []}),
    ],
)
def test_what_has_to_be_said_first_is_named(
    body: Organisation, authority: Visitor, lacks: str, change: dict[str, Any]
) -> None:
    call = drafted(body, authority, **change)

    with pytest.raises(publishing.Lacking) as wrong:
        publishing.publish(call, by=authority)

    assert wrong.value.fields == [lacks]


def test_what_is_open_to_all_of_europe_is_new_everywhere() -> None:
    from koinon.calls import fresh as told

    calls = [make_call(places=codes) for codes in (("EU",), ("EU", "IT"), ("ITH5", "MT"))]

    found = {one.key: set(one.places) for one in told.load([str(call.pk) for call in calls])}

    assert [found[str(call.pk)] for call in calls] == [set(), set(), {"ITH5", "MT"}]


def test_without_a_date_it_needs_a_reason(body: Organisation, authority: Visitor) -> None:
    bare = writing.draft(body, by=authority, terms=make_terms())
    told = writing.draft(body, by=authority, terms=make_terms(no_deadline="Until the money is spent."))

    with pytest.raises(publishing.Lacking):
        publishing.publish(bare, by=authority)
    assert publishing.publish(told, by=authority).stage() == Stage.OPEN


def test_who_opened_it_confirms_it_by_publishing_and_others_do_not(
    body: Organisation, authority: Visitor
) -> None:
    own = publishing.publish(drafted(body, authority, opener=body, opener_text=""), by=authority)
    others = publishing.publish(drafted(body, authority), by=authority)

    assert (own.stand, others.stand) == (Stand.HELD, Stand.CHECKED)
    with pytest.raises(PermissionDenied):
        publishing.confirm(others, by=authority)


def test_who_opened_a_call_that_others_keep_confirms_it_on_its_page(
    body: Organisation, authority: Visitor, client: Client
) -> None:
    call = make_call(keeper=make_organisation(), opener=body, opener_text="")
    browser = signed_in(client, authority)

    page = browser.get(f"/calls/{call.slug}/").content.decode()
    answer = browser.post(f"/calls/{call.slug}/confirm/")

    assert f'action="/calls/{call.slug}/confirm/"' in page
    assert f'href="/calls/{call.slug}/edit/"' not in page
    assert answer.status_code == 302
    call.refresh_from_db()
    assert call.stand == Stand.HELD


def test_a_correction_is_kept_with_what_differs(
    body: Organisation, authority: Visitor, client: Client
) -> None:
    call = publishing.publish(drafted(body, authority, title="Care near home"), by=authority)
    terms = make_terms("Care nearer home", places=("ITH5",), most=None)

    writing.edit(call, by=authority, version=call.version, terms=terms, words="The title was cut.")

    kept = Change.objects.filter(deed="corrected").get()
    assert kept.differences["title"] == ["Care near home", "Care nearer home"]
    assert kept.differences["places"] == [["IT"], ["ITH5"]]
    page = client.get(f"/calls/{call.slug}/history/").content.decode()
    assert "Care near home" in page
    assert "Emilia-Romagna" in page
    assert "The title was cut." in page


def test_a_correction_keeps_the_tie_to_who_opened_it_though_another_has_the_name(
    body: Organisation, authority: Visitor, client: Client
) -> None:
    call = make_call(keeper=body, opener=body, opener_text="")
    make_organisation(body.name)
    sent = typed(call, opener=body.name, title="Corrected", version=str(call.version))

    answer = signed_in(client, authority).post(f"/calls/{call.slug}/edit/", sent)

    assert answer.status_code == 302
    call.refresh_from_db()
    assert (call.title, call.opener, call.opener_text) == ("Corrected", body, "")


def test_a_body_that_is_not_public_yet_is_named_and_not_linked(client: Client) -> None:
    opener = make_organisation("The authority to come", published=False)
    call = make_call(opener=opener, opener_text="")

    page = client.get(f"/calls/{call.slug}/").content.decode()

    assert "The authority to come" in page
    assert opener.get_absolute_url() not in page


@pytest.mark.parametrize("deed", ["confirm", "checked"])
def test_what_somebody_else_wrote_since_it_was_read_is_neither_confirmed_nor_checked(
    body: Organisation, authority: Visitor, client: Client, deed: str
) -> None:
    call = make_call(keeper=body, opener=body, opener_text="")
    terms = make_terms("Never seen by who confirms it", opener=body, opener_text="")
    writing.edit(call, by=make_visitor(Role.Kind.EDITOR, body), version=1, terms=terms)
    browser = signed_in(client, authority)

    late = browser.post(f"/calls/{call.slug}/{deed}/", {"version": "1"})
    call.refresh_from_db()
    before = (call.confirmed_on, call.checked_on < timezone.localdate())
    answers = [browser.post(f"/calls/{call.slug}/{deed}/", {"version": "2"}).status_code for _twice in (1, 2)]

    assert late.status_code == 409
    assert "Never seen by who confirms it" in late.content.decode()
    assert before == (None, True)
    assert answers == [302, 302]


def test_a_draft_has_no_history_that_anybody_reads(body: Organisation, authority: Visitor) -> None:
    call = drafted(body, authority)

    writing.edit(call, by=authority, version=call.version, terms=make_terms("Another"))

    assert not Change.objects.exists()


def test_a_correction_by_others_takes_the_confirmation_off() -> None:
    opener, keeper = make_organisation(kind="authority"), make_organisation()
    call = make_call(keeper=keeper, opener=opener, opener_text="", confirmed_on=timezone.localdate())

    changed = writing.edit(
        call,
        by=make_visitor(Role.Kind.EDITOR, keeper),
        version=call.version,
        terms=make_terms("Another", opener=opener, opener_text=""),
    )

    assert changed.confirmed_on is None
    assert publishing.confirm(changed, by=make_visitor(Role.Kind.AUTHORITY, opener)).stand == Stand.HELD


def test_of_two_at_once_the_second_is_told_and_loses_nothing(
    body: Organisation, authority: Visitor, client: Client
) -> None:
    call = drafted(body, authority, title="As it was")
    read = call.version
    writing.edit(call, by=authority, version=read, terms=make_terms("By the first"))
    sent = typed(call, title="By the second", version=str(read))

    answer = signed_in(client, authority).post(f"/calls/{call.slug}/edit/", sent)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "By the first" in page
    assert 'value="By the second"' in page
    call.refresh_from_db()
    assert call.title == "By the first"


def typed(call: Call | None = None, **more: str) -> dict[str, Any]:
    return {
        "title": "Care near home",
        "language": "en",
        "opener": "The authority of the tests",
        "url": "https://example.eu/call",
        "places": "ITH5",
        "who": ["municipality"],
        "currency": "EUR",
        "checked_on": "2026-11-22",
        "certain": "on",
    } | more


# Its dates.


def test_a_moved_deadline_keeps_its_key_raises_the_version_and_is_told(
    body: Organisation, authority: Visitor
) -> None:
    call = publishing.publish(drafted(body, authority), by=authority)
    there = call.cutoffs.get()
    version = call.version
    before = fresh.newest()

    writing.move_date(
        there,
        by=authority,
        version=version,
        when=When(date(2027, 4, 9), time(12), "Europe/Rome"),
        words="More time was asked for.",
    )

    moved = Cutoff.objects.get()
    call.refresh_from_db()
    assert (moved.key, moved.day) == (there.key, date(2027, 4, 9))
    assert moved.moved_from == [["2027-03-02", "17:00", "Europe/Rome"]]
    assert (call.version, call.closes_at) == (version + 1, moved.ends_at)
    assert [event.verb for event in fresh.events(before, fresh.newest())["calls", str(call.pk)]] == [
        "call.moved"
    ]
    assert Change.objects.filter(deed="moved").get().words == "More time was asked for."


def test_other_words_beside_a_date_are_no_new_deadline(body: Organisation, authority: Visitor) -> None:
    call = publishing.publish(drafted(body, authority), by=authority)
    before = fresh.newest()

    writing.move_date(
        call.cutoffs.get(),
        by=authority,
        version=call.version,
        when=When(SOON.day, SOON.at, SOON.zone, label="First round"),
    )

    assert not fresh.events(before, fresh.newest())
    assert Cutoff.objects.get().moved_from == []
    assert Change.objects.get(deed="corrected").differences["date"] == [
        "2027-03-02 17:00 Europe/Rome",
        "2027-03-02 17:00 Europe/Rome, First round",
    ]


def test_an_editor_writes_dates_of_a_draft_and_moves_none_that_is_public(body: Organisation) -> None:
    editor, manager = make_visitor(Role.Kind.EDITOR, body), make_visitor(Role.Kind.MANAGER, body)
    call = drafted(body, editor)
    writing.add_date(call, by=editor, version=call.version, when=When(date(2027, 9, 1), None, "Europe/Rome"))
    call = publishing.publish(call, by=manager)

    with pytest.raises(PermissionDenied):
        writing.add_date(call, by=editor, version=call.version, when=SOON)
    assert Call.objects.get().cutoffs.count() == 2


def test_a_day_without_a_time_ends_with_the_day_by_the_clocks_of_its_zone() -> None:
    call = make_call(closes=date(2027, 3, 2), zone="America/Martinique")

    assert call.closes_at == datetime(2027, 3, 3, 4, tzinfo=timezone.get_fixed_timezone(0))


def test_of_several_dates_the_last_closes_it_and_the_next_is_shown() -> None:
    now = timezone.now()
    call = make_call(closes=now + timedelta(days=60))
    make_date(call, now + timedelta(days=10))
    make_date(call, now - timedelta(days=10))

    found = call.next_date(now)

    assert found is not None
    assert found.ends_at > now
    assert (found.ends_at - now).days in {9, 10}
    assert call.stage(now) == Stage.OPEN
    assert call.stage(now + timedelta(days=61)) == Stage.CLOSED


# Its end.


def test_it_closes_by_itself_once(body: Organisation) -> None:
    over = make_call(keeper=body, closes=timezone.now() - timedelta(minutes=1))
    going = make_call(keeper=body)

    publishing.close_due()
    publishing.close_due()

    over.refresh_from_db()
    going.refresh_from_db()
    assert (over.state, going.state) == ("closed", "published")
    assert Entry.objects.filter(verb="call.closed").count() == 1


def test_when_one_of_several_dates_has_gone_by_pages_are_made_anew() -> None:
    def raised() -> bool:
        before = Version.objects.get_or_create(pk=1)[0].number
        publishing.dates_due()
        return Version.objects.get(pk=1).number > before

    now = timezone.now()
    call = make_call(closes=now + timedelta(days=30))
    long_ago = make_call(closes=now + timedelta(days=30))
    make_date(long_ago, now - timedelta(days=1))
    nothing = raised()
    make_date(call, now - timedelta(seconds=1), zone="UTC")

    assert (nothing, raised()) == (False, True)


def test_before_the_tick_it_counts_as_closed_already(client: Client) -> None:
    call = make_call(closes=timezone.now() - timedelta(minutes=1))

    assert call.stage() == Stage.CLOSED
    assert "This call is closed." in client.get(f"/calls/{call.slug}/").content.decode()


def test_it_opens_on_its_day_and_pages_hear_of_it_once() -> None:
    today = timezone.localdate()
    make_call(opens_on=today - timedelta(days=1), opened=False)
    make_call(opens_on=today + timedelta(days=5), opened=False)

    publishing.open_due()
    publishing.open_due()

    assert Entry.objects.filter(verb="call.opened").count() == 1


def test_a_first_day_that_is_put_off_is_noted_when_it_comes(body: Organisation, authority: Visitor) -> None:
    today = timezone.localdate()
    call = make_call(keeper=body)
    later = make_terms("Put off", opens_on=today + timedelta(days=5))

    call = writing.edit(call, by=authority, version=call.version, terms=later)
    publishing.open_due()
    early = Entry.objects.filter(verb="call.opened").count()
    Call.objects.filter(pk=call.pk).update(opens_on=today - timedelta(days=1))
    publishing.open_due()
    publishing.open_due()

    assert (early, Entry.objects.filter(verb="call.opened").count()) == (0, 1)


def test_a_later_date_opens_again_what_had_closed_by_itself(body: Organisation, authority: Visitor) -> None:
    call = make_call(keeper=body, closes=timezone.now() - timedelta(minutes=1))
    publishing.close_due()
    call.refresh_from_db()

    writing.move_date(call.cutoffs.get(), by=authority, version=call.version, when=SOON)

    call.refresh_from_db()
    assert (call.state, call.closed_at) == ("published", None)


def test_a_closed_call_whose_date_is_taken_off_stays_closed(body: Organisation, authority: Visitor) -> None:
    call = make_call(keeper=body, closes=timezone.now() - timedelta(minutes=1))
    publishing.close_due()
    call.refresh_from_db()

    writing.remove_date(call.cutoffs.get(), by=authority, version=call.version)

    call.refresh_from_db()
    assert (call.state, call.stage()) == ("closed", Stage.CLOSED)


def test_withdrawn_it_leaves_a_tombstone_and_nothing_else(
    body: Organisation, authority: Visitor, client: Client
) -> None:
    call = make_call("A secret of the call", keeper=body)

    publishing.withdraw(call, by=authority, because="mistake")

    for address in (f"/calls/{call.slug}/", f"/calls/{call.slug}/history/", f"/calls/{call.slug}/check/"):
        answer = client.get(address)
        assert (answer.status_code, b"A secret" in answer.content) == (410, False)
    gone = client.get(f"/api/v1/calls/{call.slug}")
    assert (gone.status_code, gone.json()["reason"]) == (410, "mistake")
    assert b"A secret" not in client.get("/calls/").content
    assert not Call.objects.seen_by(authority).exists()


def test_a_public_call_is_not_deleted_and_a_draft_not_withdrawn(
    body: Organisation, authority: Visitor
) -> None:
    with pytest.raises(writing.Over):
        writing.delete(make_call(keeper=body), by=authority)
    with pytest.raises(writing.Over):
        publishing.withdraw(make_call(keeper=body, state="draft"), by=authority, because="other")


def test_a_reported_call_goes_and_comes_back(client: Client) -> None:
    from koinon.calls import reported

    call = make_call()
    subject = reported.resolve(call.slug, ANYONE)
    assert subject is not None
    assert subject.address == call.get_absolute_url()

    reported.withdraw(call.slug, "", "", ANYONE)
    assert client.get(f"/calls/{call.slug}/").status_code == 410
    reported.restore(call.slug, ANYONE)
    assert client.get(f"/calls/{call.slug}/").status_code == 200


def test_a_call_comes_back_closed_where_its_time_has_gone_by() -> None:
    from koinon.calls import reported

    call = make_call(closes=timezone.now() - timedelta(minutes=1))
    reported.withdraw(call.slug, "", "", ANYONE)

    reported.restore(call.slug, ANYONE)
    publishing.close_due()

    call.refresh_from_db()
    assert call.state == "closed"
    assert not Entry.objects.filter(verb="call.closed").exists()


def test_a_draft_is_not_confirmed_and_what_was_withdrawn_is_not_changed(
    body: Organisation, authority: Visitor, client: Client
) -> None:
    draft = make_call(keeper=body, opener=body, opener_text="", state="draft")
    call = make_call(keeper=body)
    publishing.withdraw(call, by=authority, because="mistake")

    answer = signed_in(client, authority).post(f"/calls/{draft.slug}/confirm/")

    assert answer.status_code == 403
    with pytest.raises(Http404):
        writing.edit(call, by=authority, version=call.version, terms=make_terms("Too late"))


# What may not be typed.


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("most", "-1"),
        ("most", "NaN"),
        ("most", "Infinity"),
        ("most", "1e400"),
        ("most", "9" * 400),
        ("least", "twenty"),
        ("share", "101"),
        ("share", "0"),
        ("opens_on", "9999-12-31"),
        ("opens_on", "2027-02-30"),
        ("checked_on", "2099-01-01"),
        ("places", "Atlantis of the tests"),
        ("who", "king"),
        ("objectives", "z"),
        ("topics", "nothing of the field"),
        ("programme", "2021XX00XXXX000"),
        ("url", "javascript:alert(1)"),
        ("title", "\u202eevil"),
        ("title", "a\x00b"),
        ("currency", "DOGE"),
    ],
)
def test_what_makes_no_sense_is_refused_in_plain_words(
    body: Organisation, authority: Visitor, client: Client, field: str, value: str
) -> None:
    sent = typed() | {"keeper": str(body.pk), field: value}

    answer = signed_in(client, authority).post("/calls/new/", sent | {"first-zone": "Europe/Rome"})

    assert answer.status_code == 422
    assert 'class="err"' in answer.content.decode()
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    "pair",
    [
        {"least": "200", "most": "100"},
        {"most": "200", "budget": "100"},
        {"under_priority": "yes", "share": "96"},
        {"first-day": "2020-01-01"},
        {"first-day": "2027-03-28", "first-at": "02:30"},
        {"first-day": "2027-10-31", "first-at": "02:30"},
        {"first-at": "10:00"},
        {"opens_on": "2027-05-01", "first-day": "2027-04-01"},
    ],
)
def test_what_contradicts_itself_is_refused(
    body: Organisation, authority: Visitor, client: Client, pair: dict[str, str]
) -> None:
    sent = typed() | {"keeper": str(body.pk), "first-zone": "Europe/Rome", "first-certain": "on"} | pair

    answer = signed_in(client, authority).post("/calls/new/", sent)

    assert answer.status_code == 422
    assert not Call.objects.exists()


def test_the_second_of_two_equal_hours_can_be_meant(
    body: Organisation, authority: Visitor, client: Client
) -> None:
    sent = typed() | {"keeper": str(body.pk), "first-zone": "Europe/Rome"}
    twofold = {"first-day": "2027-10-31", "first-at": "02:30", "first-fold": "1"}

    signed_in(client, authority).post("/calls/new/", sent | twofold)

    assert Cutoff.objects.get().ends_at == datetime(
        2027, 10, 31, 1, 30, tzinfo=timezone.get_fixed_timezone(0)
    )


def test_sums_may_be_written_as_people_write_them(
    body: Organisation, authority: Visitor, client: Client
) -> None:
    sent = typed() | {
        "keeper": str(body.pk),
        "first-zone": "Europe/Rome",
        "most": "120 000",
        "least": "40\u202f000.50",
    }

    signed_in(client, authority).post("/calls/new/", sent)

    call = Call.objects.get()
    assert (str(call.least), str(call.most)) == ("40000.50", "120000.00")


def test_the_database_refuses_what_no_form_lets_by() -> None:
    wrongs: list[dict[str, Any]] = [
        {"share": 96, "under_priority": True},
        {"least": 2, "most": 1},
        {"most": -1},
    ]
    for wrong in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_call(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "partners"},
        {"kind": "partners", "number": "-1"},
        {"kind": "share", "number": "101"},
        {"kind": "start_from"},
        {"kind": "start_from", "day": "2027-02-30"},
        {"kind": "yes"},
        {"kind": "unchecked"},
        {"kind": "king", "number": "1"},
        {"kind": "partners", "number": "1", "says": ""},
        {"kind": "partners", "number": "1", "version": "x"},
    ],
)
def test_a_broken_condition_is_refused(
    body: Organisation, authority: Visitor, client: Client, wrong: dict[str, str]
) -> None:
    call = make_call(keeper=body)
    sent = {"says": "So it says.", "version": str(call.version)} | wrong

    answer = signed_in(client, authority).post(f"/calls/{call.slug}/edit/conditions/", sent)

    assert answer.status_code == 422
    assert not call.conditions.exists()


def test_conditions_come_in_their_order_and_are_changed_and_taken_out(
    body: Organisation, authority: Visitor
) -> None:
    call = make_call(keeper=body)
    first = writing.add_condition(
        call, by=authority, version=1, asking=Asking(Kind.PARTNERS, "Two bodies.", number=1)
    )
    second = writing.add_condition(
        call, by=authority, version=2, asking=Asking(Kind.SHARE, "A tenth.", number=10)
    )
    writing.change_condition(
        second, by=authority, version=3, asking=Asking(Kind.SHARE, "A fifth.", number=20)
    )
    writing.remove_condition(first, by=authority, version=4)

    assert [one.says for one in call.conditions.all()] == ["A fifth."]
    assert Change.objects.filter(deed="conditions").count() == 4
    with pytest.raises(writing.Changed):
        writing.say_whole(call, by=authority, version=4, whole=True)


def test_a_form_that_comes_twice_acts_once_and_is_no_conflict(
    body: Organisation, authority: Visitor, client: Client
) -> None:
    browser = signed_in(client, authority)
    date_typed = {"zone": "Europe/Rome", "certain": "on"}
    new = typed(keeper=str(body.pk)) | {
        "first-day": "2030-03-02",
        "first-zone": "Europe/Rome",
        "first-certain": "on",
    }

    made = [browser.post("/calls/new/", new).headers["Location"] for _twice in range(2)]
    call = Call.objects.get()
    first = call.cutoffs.get()
    prefix = f"date{first.pk}"
    moved = {f"{prefix}-{name}": value for name, value in (date_typed | {"day": "2030-04-09"}).items()}
    forms: list[tuple[str, dict[str, Any]]] = [
        ("edit/", typed(title="Corrected", version="1")),
        ("edit/dates/", date_typed | {"day": "2030-09-01", "version": "2"}),
        (f"edit/dates/{first.pk}/", moved | {f"{prefix}-version": "3"}),
        ("edit/conditions/", {"kind": "partners", "number": "1", "says": "Two.", "version": "4"}),
    ]
    answers = [
        browser.post(f"/calls/{call.slug}/{address}", sent).status_code
        for address, sent in forms
        for _twice in range(2)
    ]

    call.refresh_from_db()
    assert made[0] == made[1]
    assert answers == [302] * 8
    assert (call.title, call.version) == ("Corrected", 5)
    assert [str(one.day) for one in call.dates] == ["2030-04-09", "2030-09-01"]
    assert call.conditions.count() == 1


def test_of_two_who_add_a_condition_at_once_the_second_is_told(
    body: Organisation, authority: Visitor
) -> None:
    call = make_call(keeper=body)
    writing.add_condition(call, by=authority, version=1, asking=Asking(Kind.PARTNERS, "Two.", number=1))

    with pytest.raises(writing.Changed):
        writing.add_condition(call, by=authority, version=1, asking=Asking(Kind.PARTNERS, "Three.", number=2))
    assert call.conditions.count() == 1


def test_a_lead_writes_for_who_belongs_to_its_consortium_and_for_nobody_else() -> None:
    consortium = make_consortium("Ours", "IT")
    member, other = make_organisation(), make_organisation()
    make_membership(member, consortium)
    lead = make_visitor(Role.Kind.LEAD, consortium)

    assert writing.draft(member, by=lead, terms=make_terms()).keeper == member
    with pytest.raises(PermissionDenied):
        writing.draft(other, by=lead, terms=make_terms())


def test_who_stands_on_its_dates_hears_when_they_move_when_it_closes_and_when_it_goes(
    body: Organisation, authority: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(hooks, "changed", [lambda call: heard.append(call.state)])
    call = make_call(keeper=body)
    writing.move_date(call.cutoffs.get(), by=authority, version=1, when=SOON)
    writing.edit(call, by=authority, version=2, terms=make_terms("Other words"))
    publishing.withdraw(call, by=authority, because="other")
    make_call(keeper=body, closes=timezone.now() - timedelta(minutes=1))
    publishing.close_due()

    assert heard == ["published", "withdrawn", "closed"]
