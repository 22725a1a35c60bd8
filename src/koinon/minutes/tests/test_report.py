"""The report drafts itself from the record, quotes only by consent, hides small groups, and says what became of each."""

import io
import json
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from koinon.agenda.models import Session
from koinon.mail.models import Outbox
from koinon.minutes import actions, printing, telling
from koinon.minutes.counting import count
from koinon.minutes.models import Line, Pledge, Report
from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import ANYONE
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.questions.testing import make_question, staff
from koinon.room.models import Contribution, Poll, Room
from koinon.room.testing import make_contribution, make_room

pytestmark = pytest.mark.django_db
State = Contribution.State
SECRET = "Kanarienvogel 7731"


def closed(**more: Any) -> Room:
    room = make_room(**more)
    room.session.organiser = make_organisation("Centre of Italy", country="IT")
    room.session.save()
    return room


def close(room: Room) -> Report:
    room.state, room.closed_at = Room.State.CLOSED, timezone.now()
    room.save()
    room.session.state = Session.State.ENDED
    room.session.save()
    report = actions.draft(room)
    assert report is not None
    return report


def published(room: Room) -> Report:
    report = close(room)
    return actions.publish(report, by=staff(room.session.organiser))


def page(report: Report, client: Client | None = None) -> str:
    answer = (client or Client()).get(report.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_tells_what_was_asked_answered_and_left_open() -> None:
    room = closed()
    make_contribution(
        room,
        "Which centre does a village call?",
        may_quote=True,
        state=State.ANSWERED,
        answered_live=True,
        answer="The national one.",
        votes=7,
    )
    make_contribution(
        room, "Αλλάζει το κέντρο;", language="el", may_quote=True, state=State.ANSWERED, answer="Όχι."
    )
    question = make_question("Which costs count?", place="IT")
    make_contribution(room, "Which costs count?", may_quote=True, state=State.FOLLOW_UP, question=question)

    account = telling.account_of(close(room))

    assert [(one.words, one.how, one.answer) for one in account.answered] == [
        ("Which centre does a village call?", "live", "The national one."),
        ("Αλλάζει το κέντρο;", "written", "Όχι."),
    ]
    assert [(one.words, one.desk, one.due) for one in account.open] == [
        ("Which costs count?", question.desk_name, question.due)
    ]
    assert account.sentences == (
        "3 questions came in.",
        "They came in 2 languages.",
        "1 was answered in the hour.",
        "1 was answered in writing.",
        "1 went to a desk.",
        "None was lost.",
    )


def test_what_became_of_it_is_read_from_its_desk_years_later() -> None:
    room = closed()
    question = make_question("Which costs count?", place="IT")
    make_contribution(room, "Which costs count?", may_quote=True, state=State.FOLLOW_UP, question=question)
    report = published(room)

    type(question).objects.filter(pk=question.pk).update(
        state="answered", answered_at=timezone.now(), ended_at=timezone.now()
    )

    account = telling.account_of(report)
    assert [one.how for one in account.answered] == ["later"]
    assert account.open == ()


@pytest.mark.parametrize("kind", ["html", "json", "csv", "pdf", "xlsx"])
def test_nobody_is_quoted_who_did_not_agree(kind: str) -> None:
    room = closed()
    make_contribution(room, SECRET, name=f"{SECRET} name", contact="kanarie@example.org", note=SECRET)
    make_contribution(room, f"{SECRET} pending", state=State.NEW, may_quote=True)
    make_contribution(room, f"{SECRET} held", state=State.DECLINED, reason="insults", may_quote=True)
    make_contribution(room, "Agreed words", may_quote=True)
    report = published(room)

    answer = Client().get(f"{report.get_absolute_url()}?format={kind}")

    assert answer.status_code == 200
    told = text_of(answer.content, kind)
    assert "Agreed words" in told
    assert "Kanarienvogel" not in told
    assert "kanarie@" not in told


def text_of(content: bytes, kind: str) -> str:
    if kind == "pdf":
        return "\n".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(content)).pages)
    if kind == "xlsx":
        import openpyxl

        sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    return content.decode("utf-8-sig")


def test_a_wording_whose_author_agreed_speaks_for_all() -> None:
    room = closed()
    first = make_contribution(room, SECRET)
    make_contribution(
        room,
        "Quale centro chiama un paese?",
        language="it",
        may_quote=True,
        state=State.MERGED,
        merged_into=first,
    )

    account = telling.account_of(close(room))

    assert [(one.words, one.language, one.quoted) for one in account.open] == [
        ("Quale centro chiama un paese?", "it", True)
    ]
    assert account.figures.asked == 2


def test_what_was_never_shown_is_told_without_words_and_with_its_desk() -> None:
    room = closed()
    question = make_question("Late?", place="IT")
    make_contribution(room, SECRET, may_quote=True, state=State.NEW, question=question)

    (one,) = telling.account_of(close(room)).open

    assert (one.words, one.desk) == ("", question.desk_name)
    assert one.no_words == "Something was asked that was not shown in the room."


def test_the_hosts_own_words_stand_instead() -> None:
    room = closed()
    make_contribution(room, SECRET)
    report = close(room)
    line = Line.objects.get(report=report)

    actions.edit(
        report,
        by=staff(room.session.organiser),
        version=report.version,
        language="en",
        lead="A good hour.",
        lines={line.pk: ("How small places find a centre", "", False)},
    )

    (one,) = telling.account_of(Report.objects.get(pk=report.pk)).open
    assert (one.words, one.quoted) == ("How small places find a centre", False)


def test_of_two_who_edit_at_once_the_second_is_told() -> None:
    room = closed()
    report, host = close(room), staff(room.session.organiser)
    words = {"version": report.version, "language": "en", "lines": {}}

    actions.edit(report, by=host, lead="First", **words)  # type: ignore[arg-type]

    with pytest.raises(actions.Changed):
        actions.edit(report, by=host, lead="Second", **words)  # type: ignore[arg-type]
    assert Report.objects.get(pk=report.pk).lead == "First"


def test_a_draft_is_the_hosts_alone(client: Client) -> None:
    room = closed()
    report = close(room)
    host = staff(room.session.organiser, Role.Kind.EDITOR)

    stranger = client.get(report.get_absolute_url()).status_code
    assert host.person is not None
    client.force_login(host.person)
    own = client.get(report.get_absolute_url()).status_code

    assert (stranger, own) == (404, 200)


def test_a_draft_open_for_corrections_takes_them_once_and_shows_the_answer(client: Client) -> None:
    room = closed()
    report, host = close(room), staff(room.session.organiser)
    actions.open_for_corrections(report, by=host)
    address = f"{report.get_absolute_url()}remarks/"

    for _ in range(2):
        client.post(address, {"text": "It was Ruse, not Varna.", "nonce": "nonce-0001"})

    (remark,) = report.remarks.all()
    actions.decide(remark, by=host, taken=True, reply="Mended.")
    shown = page(report)
    assert "It was Ruse, not Varna." in shown
    assert "Mended." in shown


def test_after_publishing_no_correction_is_taken(client: Client) -> None:
    report = published(closed())

    answer = client.post(f"{report.get_absolute_url()}remarks/", {"text": "Late.", "nonce": "nonce-0001"})

    assert answer.status_code == 409
    assert not report.remarks.exists()


@pytest.mark.parametrize("kind", [Role.Kind.EDITOR, Role.Kind.MANAGER])
def test_editors_write_and_managers_publish(kind: str) -> None:
    room = closed()
    report, by = close(room), staff(room.session.organiser, kind)

    if kind == Role.Kind.MANAGER:
        assert actions.publish(report, by=by).state == Report.State.PUBLISHED
    else:
        with pytest.raises(PermissionDenied):
            actions.publish(report, by=by)


def test_a_stranger_changes_nothing() -> None:
    room = closed()
    report, stranger = close(room), staff(make_organisation())

    for deed in (
        lambda: actions.publish(report, by=stranger),
        lambda: actions.open_for_corrections(report, by=ANYONE),
        lambda: actions.edit(report, by=stranger, version=1, language="en", lead="x", lines={}),
        lambda: actions.pledge(
            report, by=stranger, text="x", owner=None, owner_text="y", due=timezone.localdate()
        ),
    ):
        with pytest.raises(PermissionDenied):
            deed()
    assert Report.objects.get(pk=report.pk).version == 1


def test_small_groups_are_told_together_so_that_no_difference_tells_one() -> None:
    room = closed(most_people=4)
    kinds = ["city"] * 7 + ["ngo"] * 5 + ["company"] * 2
    for number, kind in enumerate(kinds):
        room.session.registrations.create(
            email=f"a{number}@example.org",
            body_kind=kind,
            place=Place.objects.get(pk="IT"),
            at=timezone.now(),
            attended_at=timezone.now(),
            seed=f"s{number}",
            receipt=f"r{number}",
        )

    figures = count(room)

    assert figures["kinds"] == {"city": 7, "others": 7}
    assert figures["countries"] == {"IT": 14}
    assert figures["most_people"] is None


def test_polls_of_fewer_than_five_are_not_told() -> None:
    room = closed()
    few = room.polls.create(text="Few?", options=["yes", "no"], state=Poll.State.CLOSED)
    many = room.polls.create(text="Many?", options=["yes", "no"], state=Poll.State.CLOSED)
    for number in range(6):
        many.ballots.create(voice=str(number), choices=[number % 2])
    few.ballots.create(voice="1", choices=[0])

    told = count(room)["polls"]

    assert [(one["text"], one["answers"], one["results"]) for one in told] == [
        ("Few?", 1, []),
        ("Many?", 6, [["yes", 3], ["no", 3]]),
    ]


def test_a_rehearsal_has_no_report_and_drafting_twice_is_drafting_once() -> None:
    room = closed()
    make_contribution(room)
    first = close(room)

    assert actions.draft(room) == first
    assert first.lines.count() == 1
    rehearsal = make_room(rehearsal=True, state=Room.State.CLOSED)
    assert actions.draft(rehearsal) is None
    assert actions.draft_all() == 0


def test_a_room_that_was_closed_without_a_report_gets_one_by_the_clock() -> None:
    make_room(state=Room.State.CLOSED, closed_at=timezone.now())

    assert actions.draft_all() == 1


def test_what_was_promised_has_an_owner_a_date_and_an_end() -> None:
    room = closed()
    report, host = published(room), staff(room.session.organiser)
    due = timezone.localdate()

    for _ in range(2):
        promise = actions.pledge(
            report, by=host, text="A list of desks", owner=room.session.organiser, owner_text="", due=due
        )
    actions.follow_up(promise, by=host, state=Pledge.State.KEPT, became="It is on our page.")

    shown = page(report)
    assert Pledge.objects.count() == 1
    assert "A list of desks" in shown
    assert "It is on our page." in shown


def test_a_promise_is_called_to_mind_once_to_who_made_it_and_to_the_hosts() -> None:
    room = closed()
    report, host = published(room), staff(room.session.organiser)
    maker = make_organisation("City of Gent", country="BE")
    theirs = Person.objects.get(pk=staff(maker).person_id or 0)
    for text, days in (("A list of desks", 2), ("A visit", 40)):
        day = timezone.localdate() + timedelta(days=days)
        actions.pledge(report, by=host, text=text, owner=maker, owner_text="", due=day)

    actions.remind()
    actions.remind()

    mails = list(Outbox.objects.filter(text__contains="was promised"))
    assert {mail.to for mail in mails} >= {theirs.email}
    assert len(mails) == len({mail.to for mail in mails})
    assert all("A list of desks" in mail.text and "/report/" in mail.text for mail in mails)
    assert not any("A visit" in mail.text for mail in mails)


def test_of_a_draft_only_the_hosts_are_reminded() -> None:
    room = closed()
    report, host = close(room), staff(room.session.organiser)
    maker = make_organisation("City of Gent", country="BE")
    theirs = Person.objects.get(pk=staff(maker).person_id or 0)
    actions.pledge(report, by=host, text="A list", owner=maker, owner_text="", due=timezone.localdate())

    actions.remind()

    told = set(Outbox.objects.filter(text__contains="was promised").values_list("to", flat=True))
    assert told
    assert theirs.email not in told


def test_the_pdf_is_tagged_and_has_all_letters_and_runs_nothing() -> None:
    room = closed()
    texts = [
        '#eval("1+1") $x^2$ @a <b> *c* \\',
        "Πώς επιλέγει ένας δήμος;",
        "Как ще разбере?",
        "Ħġżċ őű ţș ļķ",
    ]
    for text in texts:
        make_contribution(room, text, may_quote=True)
    account = telling.account_of(close(room))

    reader = pypdf.PdfReader(io.BytesIO(printing.pdf(account, address="https://example.org/a")))

    told = " ".join("".join(one.extract_text() for one in reader.pages).split())
    assert [text for text in texts if " ".join(text.split()) not in told] == []
    assert str(reader.root_object["/MarkInfo"]) == "{'/Marked': True, '/Suspects': False}"
    assert str(reader.root_object["/Lang"]) == "en"


def test_json_is_the_whole_report(client: Client) -> None:
    room = closed()
    make_contribution(room, "Agreed words", may_quote=True)
    report = published(room)

    data = json.loads(client.get(f"{report.get_absolute_url()}?format=json").content)

    assert data["code"] == room.session.code
    assert data["figures"]["asked"] == 1
    assert [one["words"] for one in data["asked"]] == ["Agreed words"]
    assert client.get(f"{report.get_absolute_url()}?format=exe").status_code == 400


def test_the_page_takes_as_many_queries_for_ten_lines_as_for_one() -> None:
    counted = []
    for lines in (1, 10):
        room = closed()
        for number in range(lines):
            row = make_contribution(room, may_quote=True, question=make_question(f"Question {number}"))
            make_contribution(room, state=State.MERGED, merged_into=row)
        report = published(room)
        page(report)  # what the house asks once a version is asked before

        with CaptureQueriesContext(connection) as queries:
            page(report)
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_what_was_shared_becomes_a_draft_by_consent_and_the_report_leads_to_it() -> None:
    from koinon.people.testing import come_in, make_person
    from koinon.practices.models import Practice

    room = closed()
    organiser = room.session.organiser
    shy = make_contribution(room, kind="experience", text=f"{SECRET} we tried", may_quote=False)
    open_ = make_contribution(room, kind="experience", text="We opened one door", may_quote=True)
    report = close(room)
    host = make_person()
    Role.objects.create(person=host, kind="editor", organisation=organiser)
    browser = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), host, proved=True)
    code = report.session.code

    for row in (shy, open_):
        browser.post(f"/sessions/{code}/report/practices/{report.lines.get(contribution=row).pk}/")

    practice = Practice.objects.get()
    assert (practice.organisation, practice.latest.title) == (organiser, "We opened one door")
    assert practice.origin_address == report.session.get_absolute_url()
    assert practice.get_absolute_url() in browser.get(f"/sessions/{code}/report/edit/").content.decode()
    actions.publish(report, by=staff(organiser))
    assert practice.get_absolute_url() not in page(report)
    Practice.objects.filter(pk=practice.pk).update(state="published", published_at=timezone.now())
    assert practice.get_absolute_url() in page(report)
