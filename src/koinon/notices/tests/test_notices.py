"""Notices: sent by anyone, decided once with reasons, complained about once, and then decided by somebody else."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.base.visitor import Visitor
from koinon.base.workdays import add_working_days
from koinon.journal.models import Entry
from koinon.mail.models import Outbox
from koinon.network.models import Organisation
from koinon.network.testing import make_consortium, make_membership, make_organisation, make_visitor
from koinon.network.visitor import ANYONE
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.notices import actions, subjects
from koinon.notices.models import Decision, Notice
from koinon.notices.testing import make_complained, make_decided, make_feedback, make_notice
from koinon.people.models import Person
from koinon.people.testing import come_in

pytestmark = pytest.mark.django_db

KEPT = {"outcome": "kept", "ground": "nothing", "words": "It is as it was."}
OFF = {"outcome": "restricted", "ground": "law", "words": "It broke the law."}


def mails_to(visitor: NetworkVisitor) -> QuerySet[Outbox]:
    assert visitor.person is not None
    return Outbox.objects.filter(to=visitor.person.email).order_by("pk")


def send(client: Client, organisation: Organisation, **more: str) -> HttpResponse:
    form = {"fault": "wrong", "text": "This is not so.", "email": "", "nonce": "12345678abc"} | more
    return client.post(reverse("notices:send", args=[f"organisation:{organisation.slug}"]), form)  # type: ignore[return-value]


def signed_in(visitor: Any) -> Client:
    client = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), visitor.person)
    client.handler.enforce_csrf_checks = False
    return client


class Shelf:
    """Things of a floor above: some texts with authors, which can be taken off and brought back."""

    def __init__(self) -> None:
        self.off: list[tuple[str, str]] = []
        self.author_id: int | None = None
        self.organisation: Organisation | None = None

    def resolve(self, key: str, visitor: Visitor) -> subjects.Subject | None:
        if key != "1":
            return None
        return subjects.Subject("A text", "/texts/1/", self.organisation, self.author_id)

    def withdraw(self, key: str, reason: str, words: str, by: Visitor) -> None:
        self.off.append((key, reason))

    def restore(self, key: str, by: Visitor) -> None:
        self.off.clear()


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    shelf = Shelf()
    kind = subjects.Kind("text", shelf.resolve, shelf.withdraw, shelf.restore)
    monkeypatch.setitem(subjects.kinds, "text", kind)
    return shelf


# Sending


def test_anyone_reports_without_account_and_reads_what_was_decided(client: Client) -> None:
    centre = make_organisation()

    form = client.get(f"/notices/new/?about=organisation:{centre.slug}")
    answer = send(client, centre, email="ana@example.eu")
    notice = Notice.objects.get()
    before = client.get(answer["Location"])
    actions.decide(notice, by=make_visitor("manager", centre), **KEPT)
    after = client.get(answer["Location"])

    assert (form.status_code, answer.status_code) == (200, 302)
    assert not client.cookies
    assert notice.number in before.content.decode()
    assert "It is as it was." not in before.content.decode()
    assert "It is as it was." in after.content.decode()
    assert [mail.to for mail in Outbox.objects.all()] == ["ana@example.eu"]
    assert "It is as it was." in Outbox.objects.get().text


def test_sending_twice_is_sending_once(client: Client) -> None:
    centre = make_organisation()

    first, second = send(client, centre), send(client, centre)

    assert first["Location"] == second["Location"]
    assert Notice.objects.count() == 1


def test_two_people_who_write_the_same_hold_two_receipts(client: Client) -> None:
    centre = make_organisation()

    first, second = send(client, centre, nonce=""), send(client, centre, nonce="")

    assert first["Location"] != second["Location"]
    assert Notice.objects.count() == 2


def test_the_code_of_a_receipt_is_not_kept_and_the_number_tells_nothing(client: Client) -> None:
    answer = send(client, make_organisation())

    code = answer["Location"].rstrip("/").rsplit("/", 1)[1]
    notice = Notice.objects.get()
    assert len(code) == 32
    assert code not in str(Notice.objects.values().get()) + str(list(Entry.objects.values()))
    assert client.get(f"/notices/receipt/{notice.number}/").status_code == 404


def test_who_sent_it_while_signed_in_is_not_written_down() -> None:
    centre, ana = make_organisation(), make_visitor()

    notice, _ = actions.send(f"organisation:{centre.slug}", by=ana, text="x")

    assert Entry.objects.get(verb="notice.sent").actor == ""
    links = {notice.concerned_id, notice.decided_by_id, notice.complaint_decided_by_id, notice.complainant}
    assert links == {None, ""}


def test_sixty_a_minute_pass_and_then_429(client: Client) -> None:
    centre = make_organisation()

    statuses = [send(client, centre, text=str(number)).status_code for number in range(61)]

    assert statuses == [302] * 60 + [429]
    assert int(send(client, centre)["Retry-After"]) >= 1


@pytest.mark.parametrize(
    "form",
    [
        {"text": ""},
        {"text": "  \n "},
        {"text": "a\x00b"},
        {"text": "a\u202eb"},
        {"text": "a" * 100_000},
        {"fault": "because"},
        {"fault": ""},
        {"email": "nobody"},
        {"email": "ana@example.eu\nBcc: ben@example.eu"},
        {"nonce": "<script>"},
    ],
)
def test_what_is_wrong_with_a_notice_is_said(client: Client, form: dict[str, str]) -> None:
    answer = send(client, make_organisation(), **form)

    assert answer.status_code == 422
    assert Notice.objects.count() == 0


def test_html_comes_back_as_it_was_typed_and_runs_nowhere(client: Client) -> None:
    centre, text = make_organisation(), '<script>alert(1)</script><b onclick="x">{{ 7|add:7 }}'
    sent = send(client, centre, text=text)
    notice = Notice.objects.get()

    pages = [
        client.get(sent["Location"]),
        signed_in(make_visitor("manager", centre)).get(f"/notices/{notice.number}/"),
    ]

    assert notice.text == text
    for page in pages:
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.content.decode()
        assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize(
    "about",
    [
        "",
        "organisation",
        "organisation:",
        "organisation:nobody",
        "unknown:1",
        "site:weather",
        "site:privacy:no",
        "organisation:" + "a" * 300,
        "organisation:a\x00b",
    ],
)
def test_what_is_not_there_cannot_be_reported(client: Client, about: str) -> None:
    status = client.get("/notices/new/", {"about": about}).status_code
    assert status == (404 if about else 200)
    with pytest.raises(Http404):
        actions.send(about, by=ANYONE, text="x")


def test_a_draft_cannot_be_reported_by_who_cannot_see_it(client: Client) -> None:
    draft = make_organisation(published=False)

    assert send(client, draft).status_code == 404


def test_it_is_due_after_ten_working_days_of_the_country() -> None:
    centre = make_organisation(country="IT")

    here, _ = actions.send(f"organisation:{centre.slug}", by=ANYONE, text="x")
    house, _ = actions.send("site:accessibility", by=ANYONE, text="x")

    today = timezone.localdate()
    assert here.due == add_working_days(today, 10, "IT")
    assert house.due == add_working_days(today, 10, "EU")


# Deciding


def test_only_those_who_answer_for_it_see_and_decide() -> None:
    centre, other = make_organisation(), make_organisation()
    consortium = make_consortium("SEED", "IT")
    make_membership(centre, consortium)
    refused = [
        ANYONE,
        make_visitor("editor", centre),
        make_visitor("manager", other),
        make_visitor("administrator"),
        make_visitor("authority", make_organisation(kind=Organisation.Kind.AUTHORITY)),
    ]
    allowed = [make_visitor("manager", centre), make_visitor("lead", consortium), make_visitor("coordinator")]

    for who in refused:
        notice = make_notice(centre)
        assert list(Notice.objects.seen_by(who)) == []
        with pytest.raises(PermissionDenied):
            actions.decide(notice, by=who, **KEPT)
    for who in allowed:
        notice = make_notice(centre)
        assert notice in Notice.objects.seen_by(who)
        actions.decide(notice, by=who, **KEPT)

    assert Notice.objects.filter(outcome="kept").count() == 3


def test_what_belongs_to_nobody_is_the_coordinators() -> None:
    notice = make_notice(None)

    assert list(Notice.objects.seen_by(make_visitor("manager", make_organisation()))) == []
    assert list(Notice.objects.seen_by(make_visitor("coordinator"))) == [notice]


def test_what_is_decided_stays_decided() -> None:
    """Two at once: the second read the notice while it was still open."""
    centre = make_organisation()
    notice = make_notice(centre)
    also = Notice.objects.get(pk=notice.pk)
    actions.decide(notice, by=make_visitor("manager", centre), **KEPT)

    with pytest.raises(actions.Decided):
        actions.decide(also, by=make_visitor("coordinator"), outcome="corrected", ground="facts", words="No.")

    assert Notice.objects.get().words == "It is as it was."


def test_an_entry_of_the_directory_cannot_be_taken_off() -> None:
    centre = make_organisation()
    manager = make_visitor("manager", centre)
    notice = make_notice(centre)

    with pytest.raises(actions.NotPossible):
        actions.decide(notice, by=manager, **OFF)
    page = signed_in(manager).post(f"/notices/{notice.number}/decide/", OFF)

    assert page.status_code == 422
    assert Notice.objects.get().outcome == ""


def test_what_is_taken_off_is_gone_and_its_author_is_told_without_the_sender(shelf: Shelf) -> None:
    author = make_visitor()
    shelf.author_id = author.person_id
    notice, _ = actions.send("text:1", by=ANYONE, reason="illegal", text="My words", email="ana@example.eu")

    actions.decide(notice, by=make_visitor("coordinator"), **OFF)

    assert shelf.off == [("1", "law")]
    [told] = mails_to(author)
    assert f"/notices/decisions/{notice.number}/" in told.text
    assert all(words in told.text for words in ("A text", "It broke the law.", "against the law", "complain"))
    assert not any(words in told.subject + told.text for words in ("My words", "ana@example.eu"))
    page = signed_in(author).get(f"/notices/decisions/{notice.number}/").content.decode()
    assert "It broke the law." in page
    assert "My words" not in page
    assert "ana@example.eu" not in page


def test_what_stays_as_it_is_troubles_nobody_and_what_comes_back_is_told(shelf: Shelf) -> None:
    author = make_visitor()
    shelf.author_id = author.person_id
    mails = mails_to(author)
    kept, _ = actions.send("text:1", by=ANYONE, text="One")
    actions.decide(kept, by=make_visitor("coordinator"), **KEPT)
    assert not mails.exists()
    taken, _ = actions.send("text:1", by=ANYONE, text="Two")
    actions.decide(taken, by=make_visitor("coordinator"), **OFF)
    actions.complain(taken, by=author, text="It was not so.")

    actions.decide_complaint(taken, by=make_visitor("coordinator"), **(KEPT | {"words": "It was not so."}))

    off, back = mails
    assert ("taken off" in off.subject, "back on the site" in back.subject) == (True, True)
    assert "It was not so." in back.text
    assert "you can complain" not in back.text


def test_a_closed_account_is_not_written_to(shelf: Shelf) -> None:
    author = make_visitor()
    shelf.author_id = author.person_id
    notice, _ = actions.send("text:1", by=ANYONE, text="One")
    Person.objects.filter(pk=notice.concerned_id or 0).update(is_active=False)
    notice.refresh_from_db()

    actions.decide(notice, by=make_visitor("coordinator"), **OFF)

    assert (shelf.off, Outbox.objects.count()) == ([("1", "law")], 0)


def test_a_withdrawal_that_fails_leaves_the_notice_open(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(key: str, reason: str, words: str, by: Visitor) -> None:
        raise RuntimeError

    monkeypatch.setitem(subjects.kinds, "text", subjects.Kind("text", shelf.resolve, broken))
    notice, _ = actions.send("text:1", by=ANYONE, text="x", email="ana@example.eu")

    with pytest.raises(RuntimeError):
        actions.decide(notice, by=make_visitor("coordinator"), **OFF)

    assert (Notice.objects.get().outcome, Outbox.objects.count()) == ("", 0)


def test_who_decides_does_not_see_the_address_of_the_sender() -> None:
    centre = make_organisation()
    notice = make_notice(centre, email="ana@example.eu")

    page = signed_in(make_visitor("manager", centre)).get(f"/notices/{notice.number}/")

    assert page.status_code == 200
    assert "ana@example.eu" not in page.content.decode()


def test_reasons_are_needed_in_words_and_by_the_database() -> None:
    centre = make_organisation()
    notice = make_notice(centre)
    client = signed_in(make_visitor("manager", centre))

    for wrong in ({"words": ""}, {"ground": ""}, {"outcome": "corrected"}, {"words": "a\u202eb"}):
        assert client.post(f"/notices/{notice.number}/decide/", KEPT | wrong).status_code == 422
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(outcome="kept", decided_at=timezone.now())

    assert Notice.objects.get().outcome == ""


def test_nobody_decides_on_what_oneself_wrote() -> None:
    """The manager of the centre wrote it: the words of the notice are not for it to see."""
    centre = make_organisation()
    manager = make_visitor("manager", centre)
    notice = make_notice(centre, concerned_id=manager.person_id)

    assert list(Notice.objects.seen_by(manager)) == []
    with pytest.raises(PermissionDenied):
        actions.decide(notice, by=manager, **KEPT)
    assert list(Notice.objects.seen_by(make_visitor("manager", centre))) == [notice]


# Complaints


def test_a_complaint_is_decided_by_somebody_else() -> None:
    centre = make_organisation()
    first, second = make_visitor("manager", centre), make_visitor("manager", centre)
    code = "the-code"
    notice = make_notice(centre, code=code)
    actions.decide(notice, by=first, **KEPT)
    actions.complain(notice, by=make_visitor(), text="Look again.", code=code)

    with pytest.raises(PermissionDenied):
        actions.decide_complaint(notice, by=first, **KEPT)
    refused = signed_in(first).post(f"/notices/{notice.number}/complaint/", KEPT)
    actions.decide_complaint(notice, by=second, outcome="corrected", ground="facts", words="You were right.")

    assert refused.status_code == 403
    notice.refresh_from_db()
    assert (notice.outcome, notice.stands) == ("kept", "corrected")
    with pytest.raises(actions.Decided):
        actions.decide_complaint(notice, by=make_visitor("coordinator"), **KEPT)


def test_the_database_holds_it_too() -> None:
    first = make_visitor("coordinator")
    notice = make_complained(make_organisation(), decided_by_id=first.person_id)

    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(
            complaint_outcome="kept",
            complaint_words="As before.",
            complaint_decided_at=timezone.now(),
            complaint_decided_by=first.person_id,
        )


def test_who_complains_does_not_decide() -> None:
    """A manager who complains for the organisation, and a coordinator who sent the notice."""
    centre = make_organisation()
    manager, coordinator = make_visitor("manager", centre), make_visitor("coordinator")
    of_the_centre = make_decided(centre, decided_by_id=make_visitor("coordinator").person_id)
    sent = make_decided(centre, code="the-code")
    actions.complain(of_the_centre, by=manager, text="We do not agree.")
    actions.complain(sent, by=coordinator, text="Look again.", code="the-code")

    for notice, who in ((of_the_centre, manager), (sent, coordinator)):
        with pytest.raises(PermissionDenied):
            actions.decide_complaint(notice, by=who, **KEPT)

    assert of_the_centre.complaint_side == "organisation"
    assert (sent.complaint_side, Entry.objects.filter(verb="notice.complained").last().actor) == (  # type: ignore[union-attr]
        "notifier",
        "",
    )


def test_one_complaint_within_six_months_by_those_whom_it_concerns() -> None:
    centre, author = make_organisation(), make_visitor()
    notice = make_decided(centre, code="the-code", concerned_id=author.person_id)
    old = make_decided(centre, code="old", decided_at=timezone.now() - timedelta(days=184))
    waiting = make_notice(centre, code="waiting")

    for who, code in (
        (ANYONE, "the-code"),
        (make_visitor(), ""),
        (make_visitor(), "another"),
        (make_visitor("editor", centre), ""),
    ):
        with pytest.raises(PermissionDenied):
            actions.complain(notice, by=who, text="x", code=code)
    actions.complain(notice, by=author, text="It was not so.")
    for closed, code in ((notice, "the-code"), (old, "old"), (waiting, "waiting")):
        with pytest.raises(actions.NoComplaint):
            actions.complain(closed, by=make_visitor(), text="x", code=code)

    assert (notice.complaint, notice.complaint_side) == ("It was not so.", "concerned")


def test_each_side_reads_its_own_complaint_and_not_the_others(client: Client) -> None:
    centre, author = make_organisation(), make_visitor()
    by_the_sender = make_complained(centre, code="one", concerned_id=author.person_id)
    by_the_author = make_complained(
        centre, code="two", concerned_id=author.person_id, complaint_side=Notice.Side.CONCERNED
    )
    reader = signed_in(author)

    pages = [
        client.get("/notices/receipt/one/"),
        reader.get(f"/notices/decisions/{by_the_sender.number}/"),
        client.get("/notices/receipt/two/"),
        reader.get(f"/notices/decisions/{by_the_author.number}/"),
    ]

    assert ["Look again." in page.content.decode() for page in pages] == [True, False, False, True]


def test_a_complaint_that_is_right_brings_the_thing_back(shelf: Shelf) -> None:
    notice, code = actions.send("text:1", by=ANYONE, text="x", email="ana@example.eu")
    actions.decide(notice, by=make_visitor("coordinator"), **OFF)
    assert shelf.off
    actions.complain(notice, by=make_visitor(), text="Look again.", code=code)

    actions.decide_complaint(notice, by=make_visitor("coordinator"), **KEPT)

    assert shelf.off == []
    assert [mail.to for mail in Outbox.objects.all()] == ["ana@example.eu"] * 2


def test_the_journey_on_pages(client: Client) -> None:
    centre = make_organisation()
    ana, first, second = make_visitor(), make_visitor("manager", centre), make_visitor("coordinator")
    receipt = send(client, centre)["Location"]
    number = Notice.objects.get().number
    manager, coordinator, sender = signed_in(first), signed_in(second), signed_in(ana)

    statuses = [
        manager.get("/notices/").status_code,
        manager.get(f"/notices/{number}/").status_code,
        manager.post(f"/notices/{number}/decide/", KEPT).status_code,
        coordinator.post(f"/notices/{number}/decide/", KEPT).status_code,
        client.post(f"{receipt}complain/", {"words": "Look again."}).status_code,
        sender.get(receipt).status_code,
        sender.post(f"{receipt}complain/", {"words": ""}).status_code,
        sender.post(f"{receipt}complain/", {"words": "Look again."}).status_code,
        sender.post(f"{receipt}complain/", {"words": "And again."}).status_code,
        manager.get(f"/notices/{number}/").status_code,
        coordinator.post(f"/notices/{number}/complaint/", KEPT).status_code,
        manager.get(f"/notices/decisions/{number}/").status_code,
        manager.get("/notices/decisions/").status_code,
        manager.get("/notices/?show=done").status_code,
    ]

    assert statuses == [200, 200, 302, 409, 403, 200, 422, 302, 409, 200, 302, 200, 200, 200]
    assert "the decision stands" in client.get(receipt).content.decode()


def test_no_number_and_one_of_others_look_alike() -> None:
    there = make_notice(make_organisation())
    visitor = signed_in(make_visitor("manager", make_organisation()))

    foreign, missing = (visitor.get(f"/notices/{number}/") for number in (there.number, "N-NONE"))

    assert (foreign.status_code, missing.status_code) == (403, 403)
    assert foreign.content.replace(there.number.encode(), b"N-NONE") == missing.content


def test_the_queue_asks_the_same_for_one_and_for_three(count_queries: Any) -> None:
    centre = make_organisation()
    client = signed_in(make_visitor("manager", centre))
    late = make_notice(centre, due=date(2026, 1, 2))
    client.get("/notices/")
    with count_queries() as one:
        client.get("/notices/")
    make_notice(centre)
    make_complained(centre, complaint_due=date(2026, 1, 1))
    with count_queries() as three:
        page = client.get("/notices/").content.decode()

    assert len(one) == len(three)
    complaint = Notice.objects.exclude(complaint="").get()
    assert page.index(complaint.number) < page.index(late.number)


def test_the_account_page_leads_to_what_waits_and_says_nothing_to_the_rest() -> None:
    centre, author = make_organisation(), make_visitor()
    make_notice(centre)
    make_decided(centre, concerned_id=author.person_id)

    manager, writer, other = (
        signed_in(who).get("/account/").content.decode()
        for who in (make_visitor("manager", centre), author, make_visitor())
    )

    assert "1 notice waits for a decision." in manager
    assert ("/notices/decisions/" in writer, 'href="/notices/"' in writer) == (True, False)
    assert "/notices/" not in other.partition("<footer")[0]


# Feedback


def test_feedback_about_the_site_is_answered_by_a_day_that_staff_see(client: Client) -> None:
    sent = client.post(
        "/notices/new/site:accessibility/",
        {"text": "The menu cannot be reached.", "email": "ana@example.eu", "nonce": "12345678abc"},
    )
    notice = Notice.objects.get()
    coordinator = signed_in(make_visitor("coordinator"))

    listed = coordinator.get("/notices/feedback/").content.decode()
    answered = coordinator.post(f"/notices/feedback/{notice.number}/answer/", {"words": "It is repaired."})
    again = coordinator.post(f"/notices/feedback/{notice.number}/answer/", {"words": "Again."})

    assert notice.number in listed
    assert (answered.status_code, again.status_code) == (302, 409)
    assert "It is repaired." in client.get(sent["Location"]).content.decode()
    assert "It is repaired." in Outbox.objects.get().text


def test_the_administrator_reads_feedback_and_no_notice() -> None:
    centre = make_organisation()
    notice, said = make_notice(centre), make_feedback(centre)
    admin = signed_in(make_visitor("administrator"))

    assert admin.get(f"/notices/feedback/{said.number}/").status_code == 200
    assert admin.get(f"/notices/{notice.number}/").status_code == 403
    assert admin.post(f"/notices/feedback/{said.number}/answer/", {"words": "x"}).status_code == 403


def test_feedback_is_no_decision_and_is_not_decided_as_one() -> None:
    coordinator = make_visitor("coordinator")
    said, notice = make_feedback(None, code="a"), make_notice(None)

    wrong: list[Callable[[], Notice]] = [
        lambda: actions.decide(said, by=coordinator, **KEPT),
        lambda: actions.answer(notice, by=coordinator, words="x"),
        lambda: actions.complain(said, by=make_visitor(), text="x", code="a"),
    ]
    for deed in wrong:
        with pytest.raises(PermissionDenied):
            deed()
    assert list(Decision.objects.seen_by(coordinator)) == []


# What is kept


def test_addresses_go_once_nothing_more_can_come() -> None:
    centre, before = make_organisation(), timezone.now() - timedelta(days=184)
    over = make_decided(centre, email="ana@example.eu", decided_at=before)
    fresh = make_decided(centre, email="ben@example.eu")
    complained = make_complained(centre, email="cleo@example.eu", decided_at=before)

    assert (actions.forget_addresses(), actions.forget_addresses()) == (1, 0)

    emails = [Notice.objects.get(pk=row.pk).email for row in (over, fresh, complained)]
    assert emails == ["", "ben@example.eu", "cleo@example.eu"]


def test_a_person_takes_along_what_was_decided_about_it() -> None:
    author = make_visitor()
    assert author.person
    make_decided(make_organisation("Centre"), concerned_id=author.person_id, text="My words", number="T-X")
    make_decided(make_organisation())

    rows = actions.decisions_about(author.person)

    assert [(row["number"], row["outcome"]) for row in rows] == [("T-X", "kept")]
    assert "My words" not in str(rows)


# Every way through


@pytest.mark.parametrize("seed", range(4))
def test_no_walk_leaves_the_drawn_arrows(seed: int) -> None:
    """Anybody tries anything, again and again: open → decided → complained → decided by another, and nothing back."""
    chance = random.Random(seed)
    centre, author = make_organisation(), make_visitor()
    managers = [make_visitor("manager", centre) for _ in range(3)]
    people = [
        *managers,
        make_visitor("coordinator"),
        author,
        make_visitor("editor", centre),
        make_visitor(),
        ANYONE,
    ]
    notices = [
        make_notice(centre, code=f"code-{number}", concerned_id=author.person_id) for number in range(3)
    ]
    for _ in range(80):
        notice = Notice.objects.get(pk=chance.choice(notices).pk)
        who, code = chance.choice(people), chance.choice(["", f"code-{notices.index(notice)}"])
        deeds: list[Callable[[], Notice]] = [
            lambda n=notice, w=who: actions.decide(n, by=w, **KEPT),  # type: ignore[misc]
            lambda n=notice, w=who, c=code: actions.complain(n, by=w, text="Look again.", code=c),  # type: ignore[misc]
            lambda n=notice, w=who: actions.decide_complaint(n, by=w, **KEPT),  # type: ignore[misc]
        ]
        step = chance.randrange(3)
        before = Notice.objects.filter(pk=notice.pk).values().get()
        try:
            deeds[step]()
        except (PermissionDenied, actions.Decided, actions.NoComplaint):
            assert Notice.objects.filter(pk=notice.pk).values().get() == before
            continue
        at = [notice.decided_at, notice.complained_at, notice.complaint_decided_at]
        came_from = [before["decided_at"], before["complained_at"], before["complaint_decided_at"]]
        assert [bool(when) for when in at] == [number <= step for number in range(3)]
        assert [bool(when) for when in came_from] == [number < step for number in range(3)]
        assert author.person_id not in {notice.decided_by_id, notice.complaint_decided_by_id}
        if step == 2:
            assert who.person_id != notice.decided_by_id
            assert not actions.complained(notice, who)

    assert Notice.objects.filter(
        pk__in=[row.pk for row in notices], complaint_decided_at__isnull=False
    ).exists()
