"""The periodic report: made of the log and the figures, frozen when handed in, ready to send, decided by somebody else."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from openpyxl import load_workbook

from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.journal.models import Entry
from koinon.mail.models import Outbox
from koinon.network.models import Membership, Organisation, Role
from koinon.network.testing import make_consortium, make_membership, make_organisation, make_visitor
from koinon.network.visitor import Visitor, visitor_for
from koinon.people.testing import come_in, make_person
from koinon.questions.models import Question
from koinon.questions.testing import make_question
from koinon.reports import facts, figures, telling
from koinon.reports.actions import recording, reporting
from koinon.reports.actions.log import withdraw
from koinon.reports.actions.reporting import Changed, NotOver, Told
from koinon.reports.content import Account
from koinon.reports.models import Activity, PeriodReport
from koinon.reports.periods import Period
from koinon.reports.testing import make_activity, make_report
from koinon.reports.words import Kind, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def consortium() -> Organisation:
    return make_consortium("Alpha")


@pytest.fixture
def body(consortium: Organisation) -> Organisation:
    made = make_organisation("Centre of Malta", country="MT")
    make_membership(made, consortium, role=Membership.Role.CENTRE)
    return made


@pytest.fixture
def manager(body: Organisation) -> Visitor:
    return make_visitor(Role.Kind.MANAGER, body)


def signed_in(client: Client, kind: str, body: Organisation | None) -> Client:
    person = make_person()
    Role.objects.create(person=person, kind=kind, organisation=body)
    return come_in(client, person, how="mfa", proved=True)


def held(body: Organisation, **more: Any) -> Session:
    session = make_session(organiser=body, **more)
    session.day, session.state = timezone.localdate() - timedelta(days=3), Session.State.ENDED
    session.save()
    return session


def test_its_figures_are_those_of_the_bodys_page_and_its_lines_those_of_the_log(
    client: Client, body: Organisation
) -> None:
    held(body)
    held(body, audience=Session.Audience.INVITED)
    make_activity(body)
    make_activity(body, withdrawn_at=timezone.now(), withdrawn_because="So.")
    make_activity(body, first_day=timezone.localdate(), last_day=timezone.localdate())
    make_activity()
    recording.record_all()
    facts.forget()
    report = make_report(body)

    account = Account(report)

    days = {"from": report.first_day.isoformat(), "to": report.last_day.isoformat(), "format": "json"}
    page = client.get(reverse("reports:body", args=[body.slug]), days).json()["items"]
    public = {item["key"]: item["value"] for item in page}
    assert {one.key: one.value for one in account.figures} == {
        one.key: public[one.key] for one in account.figures
    }
    log = Activity.objects.counted().filter(organisation=body)
    log = log.between(report.first_day, report.last_day)
    assert {one.key for one in account.activities} == set(log.values_list("pk", flat=True))
    assert dict(account.kinds) == {"session": 2, "meeting": 1}
    assert account.countries == [("Italy", 1)]
    assert account.without_country == 2


def test_participants_are_summed_and_the_unknown_is_said(body: Organisation) -> None:
    make_activity(body, participants=12)
    make_activity(body, participants=None)

    words = " ".join(Account(make_report(body)).sentences)

    assert "At least 12 people took part." in words
    assert "Of 1 activity it is not known how many took part." in words


def test_questions_at_the_desk_are_told_from_five_on_and_confidential_ones_never(body: Organisation) -> None:
    report = make_report(body, last_day=timezone.localdate())
    for _ in range(4):
        make_question(place="MT", desk=body)
    assert Account(report).data["desk"] == {"asked": None, "none": False, "ends": {}}
    make_question(place="MT", desk=body)
    hidden = make_question(place="MT", desk=body)
    Question.objects.filter(pk=hidden.pk).update(confidential=True)

    assert Account(report).data["desk"] == {"asked": 5, "none": False, "ends": {"open": 5}}


def test_handed_in_it_stays_as_it_was_counted(body: Organisation, manager: Visitor) -> None:
    make_activity(body)
    report = make_report(body)

    report = reporting.submit(report, by=manager, version=1)
    make_activity(body)
    again = reporting.submit(report, by=manager, version=1)

    assert again.version == 2
    assert len(Account(PeriodReport.objects.get()).activities) == 1
    assert PeriodReport.objects.get().state == State.SUBMITTED


def test_handed_in_and_accepted_twice_at_once_it_is_once(
    consortium: Organisation, body: Organisation, manager: Visitor
) -> None:
    lead = make_visitor(Role.Kind.LEAD, consortium)
    draft = make_report(body)
    as_both_saw_it = PeriodReport.objects.get(pk=draft.pk)

    first = reporting.submit(draft, by=manager, version=1)
    second = reporting.submit(as_both_saw_it, by=manager, version=1)
    as_both_saw_it = PeriodReport.objects.get(pk=draft.pk)
    accepted = reporting.accept(first, by=lead, version=2)
    again = reporting.accept(as_both_saw_it, by=lead, version=2)

    assert (second.version, accepted.version, again.version) == (2, 3, 3)


def test_before_the_period_is_over_it_is_not_handed_in(body: Organisation, manager: Visitor) -> None:
    report = make_report(body, last_day=timezone.localdate())

    with pytest.raises(NotOver):
        reporting.submit(report, by=manager, version=1)


def test_an_editor_writes_and_does_not_hand_in(body: Organisation) -> None:
    editor = make_visitor(Role.Kind.EDITOR, body)
    report = make_report(body)

    day = timezone.localdate() - timedelta(days=2)
    reporting.edit(report, Told("Ours", day, day, "en", "So it was."), by=editor, version=1)
    report.refresh_from_db()

    with pytest.raises(PermissionDenied):
        reporting.submit(report, by=editor, version=2)


def test_a_lead_sees_it_when_it_is_handed_in_and_sends_it_back_with_a_reason(
    client: Client, consortium: Organisation, body: Organisation, manager: Visitor
) -> None:
    lead = make_visitor(Role.Kind.LEAD, consortium)
    report = make_report(body)
    assert list(PeriodReport.objects.seen_by(lead)) == []
    report = reporting.submit(report, by=manager, version=1)
    assert list(PeriodReport.objects.seen_by(lead)) == [report]

    report = reporting.send_back(report, by=lead, version=2, reason="The third quarter is missing.")

    assert (report.state, report.kept) == (State.SENT_BACK, {})
    assert list(PeriodReport.objects.seen_by(lead)) == []
    browser = signed_in(client, Role.Kind.MANAGER, body)
    assert "The third quarter is missing." in browser.get(report.get_absolute_url()).content.decode()
    report = reporting.submit(report, by=manager, version=3)
    assert reporting.accept(report, by=lead, version=4).state == State.ACCEPTED


def test_sent_back_meanwhile_it_is_not_shown_to_who_decides_later(
    consortium: Organisation, body: Organisation, manager: Visitor
) -> None:
    lead, coordinator = make_visitor(Role.Kind.LEAD, consortium), make_visitor(Role.Kind.COORDINATOR)
    report = reporting.submit(make_report(body), by=manager, version=1)
    as_the_other_saw_it = PeriodReport.objects.get(pk=report.pk)
    reporting.send_back(report, by=lead, version=2, reason="A quarter is missing.")

    with pytest.raises(PermissionDenied):
        reporting.accept(as_the_other_saw_it, by=coordinator, version=2)
    with pytest.raises(PermissionDenied):
        reporting.send_back(as_the_other_saw_it, by=coordinator, version=2, reason="So.")


def test_nobody_decides_what_they_wrote(consortium: Organisation) -> None:
    lead = make_visitor(Role.Kind.LEAD, consortium)
    report = reporting.submit(make_report(consortium), by=lead, version=1)

    with pytest.raises(PermissionDenied):
        reporting.accept(report, by=lead, version=2)
    coordinator = make_visitor(Role.Kind.COORDINATOR)
    assert reporting.accept(report, by=coordinator, version=2).state == State.ACCEPTED


def test_the_report_of_a_consortium_holds_what_its_members_did(
    consortium: Organisation, body: Organisation
) -> None:
    row = make_activity(body)
    make_activity()
    facts.forget()

    assert [one.key for one in Account(make_report(consortium)).activities] == [row.pk]


def test_the_report_of_a_consortium_holds_what_somebody_did_who_has_left_since(
    consortium: Organisation, body: Organisation
) -> None:
    day = timezone.localdate() - timedelta(days=30)
    Membership.objects.filter(member=body).update(until=day)
    inside = make_activity(body, first_day=day, last_day=day)
    make_activity(body, first_day=day + timedelta(days=1), last_day=day + timedelta(days=1))
    for days in (0, 1):
        for _five in range(5):
            question = make_question(desk=body)
            Question.objects.filter(pk=question.pk).update(
                asked_at=timezone.now() - timedelta(days=30 - days)
            )
    facts.forget()

    account = Account(make_report(consortium))

    assert [one.key for one in account.activities] == [inside.pk]
    assert account.data["desk"]["asked"] == 5


def test_the_journal_holds_no_title_of_a_report_or_of_the_log(body: Organisation, manager: Visitor) -> None:
    day = timezone.localdate() - timedelta(days=3)
    told = Told("Kanarientitel", day, day, "en", "Kanarienwort.")
    report = reporting.begin(told, by=manager, organisation=body)
    report = reporting.edit(report, told, by=manager, version=report.version)
    reporting.submit(report, by=manager, version=report.version)
    withdraw(make_activity(body, title="Kanarientitel"), by=manager, because="Twice.")

    assert Entry.objects.filter(verb__startswith="report.").count() == 3
    assert "anarie" not in str(list(Entry.objects.values()))


def test_who_decides_hears_of_a_report_that_is_handed_in_and_its_body_of_one_that_is_sent_back(
    consortium: Organisation, body: Organisation
) -> None:
    people = {name: make_person() for name in ("manager", "editor", "lead", "other", "coordinator")}
    for name, kind, where in (
        ("manager", Role.Kind.MANAGER, body),
        ("editor", Role.Kind.EDITOR, body),
        ("lead", Role.Kind.LEAD, consortium),
        ("other", Role.Kind.LEAD, make_consortium("Beta")),
        ("coordinator", Role.Kind.COORDINATOR, None),
    ):
        Role.objects.create(person=people[name], kind=kind, organisation=where)
    manager, lead = visitor_for(people["manager"]), visitor_for(people["lead"])
    report = make_report(body, title="Our year")
    for _twice in range(2):
        reporting.submit(report, by=manager, version=1)
    first = Outbox.objects.get()
    reporting.send_back(report, by=lead, version=2, reason="The sessions of May are missing.")

    assert first.to == people["lead"].email
    assert "Our year" in first.subject
    assert f"/reports/periods/{report.pk}/" in first.text
    back = Outbox.objects.exclude(pk=first.pk).get()
    assert back.to == people["manager"].email
    assert "The sessions of May are missing." in back.text
    reporting.submit(PeriodReport.objects.get(), by=manager, version=3)
    assert Outbox.objects.filter(to=people["lead"].email).count() == 2


def test_where_nobody_leads_the_coordinators_hear_of_a_report(body: Organisation, manager: Visitor) -> None:
    coordinator = make_person()
    Role.objects.create(person=coordinator, kind=Role.Kind.COORDINATOR)

    reporting.submit(make_report(body), by=manager, version=1)

    assert [mail.to for mail in Outbox.objects.all()] == [coordinator.email]


def test_of_two_at_once_the_second_is_told_and_keeps_its_words(client: Client, body: Organisation) -> None:
    report = make_report(body)
    browser = signed_in(client, Role.Kind.EDITOR, body)
    sent = {
        "title": "T",
        "first_day": "2026-01-01",
        "last_day": "2026-03-31",
        "language": "en",
        "version": "1",
    }
    address = reverse("reports:report_edit", args=[report.pk])

    browser.post(address, sent | {"text": "The first."})
    answer = browser.post(address, sent | {"text": "The second."})

    assert answer.status_code == 409
    assert "The first." in answer.content.decode()
    assert "The second." in answer.content.decode()
    assert PeriodReport.objects.get().text == "The first."
    manager = make_visitor(Role.Kind.MANAGER, body)
    with pytest.raises(Changed):
        reporting.submit(PeriodReport.objects.get(), by=manager, version=1)


def test_begun_twice_it_is_one(client: Client, body: Organisation) -> None:
    browser = signed_in(client, Role.Kind.EDITOR, body)
    sent = {
        "organisation": body.pk,
        "title": "First quarter",
        "first_day": "2026-01-01",
        "last_day": "2026-03-31",
        "language": "en",
        "nonce": "nonce-0001",
    }

    for _ in range(2):
        answer = browser.post(reverse("reports:report_new"), sent)

    assert answer.headers["Location"] == PeriodReport.objects.get().get_absolute_url()


def test_begun_with_other_words_it_is_another(body: Organisation, manager: Visitor) -> None:
    day = timezone.localdate() - timedelta(days=2)

    for title in ("First quarter", "Second quarter", "Second quarter"):
        reporting.begin(Told(title, day, day, "en"), by=manager, organisation=body, nonce="nonce-0001")

    titles = PeriodReport.objects.order_by("pk").values_list("title", flat=True)
    assert list(titles) == ["First quarter", "Second quarter"]


def test_it_leaves_as_table_and_text_with_the_same_lines(client: Client, body: Organisation) -> None:
    make_activity(body, title="=cmd | *bold* <b>x</b>", partners=["Town of Gozo"], participants=None)
    make_activity(body, kind=Kind.PUBLICATION, title="A guide", participants=3)
    report = make_report(body, text="Two things.\n\nAnd one.")
    browser = signed_in(client, Role.Kind.EDITOR, body)

    def file(ending: str) -> bytes:
        return bytes(browser.get(report.get_absolute_url(), {"format": ending}).content)

    rows = list(csv.DictReader(io.StringIO(file("csv").decode("utf-8-sig"))))
    assert [row["title"] for row in rows] == ["'=cmd | *bold* <b>x</b>", "A guide"]
    assert [row["participants"] for row in rows] == ["", "3"]
    assert file("xlsx")[:2] == b"PK"
    text, marked = file("txt").decode(), file("md").decode()
    for words in ("Two things.", "And one.", "A guide", "Town of Gozo", "not known", "Sessions held"):
        assert words in text
        assert words in marked.replace("\\", "")
    assert r"\=cmd" not in marked
    assert r"\| \*bold\* \<b\>x\</b\>" in marked
    assert len(browser.get(report.get_absolute_url(), {"format": "json"}).json()["activities"]) == 2
    assert browser.get(report.get_absolute_url(), {"format": "pdf"}).status_code == 400


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\t", " =", "＝", "＋", "－", "＠", "'="])
def test_no_cell_of_the_log_or_a_report_begins_a_formula(
    client: Client, body: Organisation, sign: str
) -> None:
    evil = f"{sign}cmd|' /C calc'!A0"
    make_activity(body, title=evil, note=evil, partners=[evil, "A town"])
    report = make_report(body)
    browser = signed_in(client, Role.Kind.EDITOR, body)

    for address in (reverse("reports:log"), report.get_absolute_url()):
        table = browser.get(address, {"format": "csv"}).content.decode("utf-8-sig")
        [row] = csv.DictReader(io.StringIO(table, newline=""))
        sheet = load_workbook(io.BytesIO(browser.get(address, {"format": "xlsx"}).content)).active
        assert sheet is not None
        heads = [cell.value for cell in sheet[1]]
        for name, stands in (("title", evil), ("note", evil), ("partners", f"{evil}; A town")):
            cell = sheet[2][heads.index(name)]
            assert (row[name], cell.value, cell.data_type) == (f"'{stands}", f"'{stands}", "s")


def test_a_text_carries_of_each_activity_when_what_where_how_many_and_with_whom(body: Organisation) -> None:
    last = timezone.localdate() - timedelta(days=7)
    make_activity(
        body, kind=Kind.MEETING, title="Round table", first_day=last - timedelta(days=1), last_day=last,
        places=["IT", "MT"], participants=12, partners=["Town of Gozo", "Province"], note="One door.",
    )  # fmt: skip
    make_activity(
        body, kind=Kind.PUBLICATION, title="A guide", places=[], participants=5, at_least=True, partners=[]
    )
    account = Account(make_report(body))

    text, marked = telling.plain(account), telling.markdown(account).replace("\\", "")

    begins, ends = (date_format(day, "DATE_FORMAT") for day in (last - timedelta(days=1), last))
    whole = [
        f"Date: {begins} – {ends}",
        f"Kind: {Kind.MEETING.label}",
        "Title: Round table",
        "Body: Centre of Malta",
        "Countries: Italy, Malta",
        "Participants: 12",
        "Partners: Town of Gozo; Province",
        "Note: One door.",
    ]
    bare = [
        f"Date: {ends}",
        f"Kind: {Kind.PUBLICATION.label}",
        "Title: A guide",
        "Body: Centre of Malta",
        "Countries: not stated",
        "Participants: at least 5",
    ]
    for told in (whole, bare):
        assert "\n".join(told) + "\n" in text
    assert f"| {' | '.join(line.partition(': ')[2] for line in whole)} |" in marked
    assert f"| {' | '.join(line.partition(': ')[2] for line in bare)} |  |  |" in marked


def test_a_text_says_each_figure_with_definition_source_and_day(body: Organisation) -> None:
    report = make_report(body)
    account = Account(report)

    text = telling.plain(account)

    for one in account.figures:
        assert f"{one.definition.label}: {one.told}. {one.definition.text}" in text
        assert f"Source: {one.definition.source}." in text
    assert figures.figures_of(figures.of_body(body), Period(report.first_day, report.last_day))


def test_a_text_says_of_how_many_no_country_is_stated(body: Organisation) -> None:
    make_activity(body)
    make_activity(body, places=[])

    account = Account(make_report(body))

    assert "Italy: 1\nnot stated: 1" in telling.plain(account)
    assert "- Italy: 1\n- not stated: 1" in telling.markdown(account)


def test_all_that_was_handed_in_leaves_as_one_table(
    client: Client, consortium: Organisation, body: Organisation, manager: Visitor
) -> None:
    reporting.submit(make_report(body, title="Handed in"), by=manager, version=1)
    make_report(body, title="Draft")
    reporting.submit(
        (other := make_report(title="Elsewhere")),
        by=make_visitor(Role.Kind.MANAGER, other.organisation),
        version=1,
    )
    browser = signed_in(client, Role.Kind.LEAD, consortium)

    items = browser.get(reverse("reports:table", args=["json"])).json()["items"]

    assert {item["title"] for item in items} == {"Handed in"}
    assert browser.get(reverse("reports:table", args=["pdf"])).status_code == 404
