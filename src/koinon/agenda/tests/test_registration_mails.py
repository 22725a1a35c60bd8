"""Mails about registrations: in one's language, with both clocks; reminders once; word to all; needs; nothing is kept too long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.agenda import account, hooks
from koinon.agenda.actions import attendance, registering, reminding
from koinon.agenda.models import Registration, Reminder, Session, Slip, Telling
from koinon.agenda.permissions import may_export_list
from koinon.agenda.registration_codes import code_of, room_code
from koinon.agenda.registration_times import times_of
from koinon.agenda.testing import make_registration, make_session
from koinon.journal.models import Entry
from koinon.mail.actions import send_due
from koinon.mail.models import Outbox
from koinon.network.limits import anonymous_writes
from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.people import mine
from koinon.people.testing import come_in, make_person
from koinon.places.models import Place
from koinon.questions.testing import make_desk, staff

pytestmark = pytest.mark.django_db
State, Need = Registration.State, Registration.Need
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _all_pass() -> None:
    """Many tests write from one address within a minute."""
    anonymous_writes.forget()


def page(registration: Registration, name: str = "place") -> str:
    return reverse(f"sessions:{name}", args=[code_of(registration)])


def starting(in_: timedelta, **more: Any) -> Session:
    return make_session(starts=timezone.now() + in_, **more)


def registered_before(session: Session, ago: timedelta = timedelta(days=3), **more: Any) -> Registration:
    row = make_registration(session, **more)
    Registration.objects.filter(pk=row.pk).update(at=timezone.now() - ago)
    row.refresh_from_db()
    return row


def subjects(to: str) -> list[str]:
    return list(Outbox.objects.filter(to=to).order_by("pk").values_list("subject", flat=True))


# Three zones.


@pytest.mark.parametrize(
    ("place", "own"),
    [
        ("EL", "On your clock, Athens time: 10:30–11:30"),
        ("ES70", "On your clock, Canary time: 08:30–09:30"),
        ("FRY4", "On your clock, Reunion time: 11:30–12:30"),
        ("BE", None),
        (None, None),
    ],
)
def test_a_mail_tells_the_time_on_both_clocks(place: str | None, own: str | None) -> None:
    session = make_session(starts=datetime(2027, 10, 13, 7, 30, tzinfo=UTC))

    row = make_registration(session, place=Place.objects.get(pk=place) if place else None)

    text = Outbox.objects.get(to=row.email).text
    assert "Wednesday, 13 October 2027, 09:30–10:30, Brussels time" in text
    assert [line for line in text.splitlines() if line.startswith("On your clock")] == ([own] if own else [])


def test_on_another_day_of_ones_own_the_day_is_named() -> None:
    session = make_session(starts=datetime(2027, 1, 13, 0, 30, tzinfo=UTC))
    guadeloupe = Place.objects.get(pk="FRY1")

    row = make_registration(session, place=guadeloupe)

    assert (
        "On your clock, Guadeloupe time: Tuesday, 12 January 2027, 20:30–21:30"
        in Outbox.objects.get(to=row.email).text
    )


def test_both_clocks_over_the_change_of_clocks() -> None:
    session = make_session(starts=datetime(2027, 10, 31, 0, 30, tzinfo=UTC), minutes=120)

    times = times_of(session, "Atlantic/Azores")

    assert (f"{times.there.begins:%H:%M}", f"{times.there.ends:%H:%M}") == ("02:30", "03:30")
    assert times.own is not None
    assert (f"{times.own.begins:%H:%M}", f"{times.own.ends:%H:%M}") == ("00:30", "01:30")


def test_a_mail_is_in_the_language_of_the_page(client: Client) -> None:
    session = make_session()
    data = {"email": "ana@example.org", "nonce": "nonce-0001"}

    client.post("/de" + reverse("sessions:register", args=[session.code]), data)

    mail = Outbox.objects.get()
    assert mail.language == "de"
    assert f"/de/sessions/places/{code_of(Registration.objects.get())}/" in mail.text


def test_nobody_is_flooded_by_who_types_an_address_and_a_second_session_is_told_at_once() -> None:
    session, other = make_session(), make_session()

    for _ in range(3):
        make_registration(session, "ana@example.org")
    make_registration(other, "ana@example.org")

    sent = send_due()
    make_registration(session, "ana@example.org")

    assert (sent, send_due()) == (2, 0)


# Reminders.


def test_by_default_one_is_reminded_a_day_and_an_hour_before_once() -> None:
    session = starting(23 * HOUR)
    row = registered_before(session)

    first, again = reminding.send_reminders(), reminding.send_reminders()
    Session.objects.filter(pk=session.pk).update(starts_at=timezone.now() + HOUR / 2)
    last, over = reminding.send_reminders(), reminding.send_reminders()

    assert (first, again, last, over) == (1, 0, 1, 0)
    assert len(subjects(row.email)) == 3


def test_two_reminders_two_mails_with_link_and_time() -> None:
    session = starting(HOUR / 2)
    row = registered_before(session)

    assert reminding.send_reminders() == 2

    mail = Outbox.objects.filter(to=row.email).latest("pk")
    assert code_of(row) in mail.text
    assert f"/sessions/{session.code}/room/" in mail.text
    assert "List-Unsubscribe" in mail.headers


def test_nobody_is_reminded_who_waits_gave_back_stopped_or_registered_after_its_moment() -> None:
    session = starting(23 * HOUR, capacity=3)
    rows = [registered_before(session) for _ in range(3)]
    registered_before(session)
    registering.cancel(rows[0])
    registering.stop_mails(rows[1])
    Registration.objects.filter(pk=rows[2].pk).update(at=timezone.now())
    before = Outbox.objects.count()

    reminding.send_reminders()

    assert Outbox.objects.count() == before


def test_hosts_set_time_words_and_whom(client: Client) -> None:
    body, host = make_desk()
    session = starting(5 * HOUR, organiser=body, venue="Bologna", video="https://video.example/1")
    here, online = (registered_before(session, mode=mode) for mode in ("here", "online"))
    assert host.person is not None
    come_in(client, host.person)
    address = reverse("sessions:set_reminder", args=[session.code])
    usual = session.reminders.get(minutes_before=1440)

    client.post(address, {"reminder": usual.pk, "minutes_before": "1440", "off": "on"})
    made = client.post(address, {"minutes_before": "360", "mode": "here", "text": "Bring your draft."})
    sent = reminding.send_reminders()

    assert made.status_code == 302
    assert sent == 1
    assert "Bring your draft." in Outbox.objects.filter(to=here.email).latest("pk").text
    assert len(subjects(online.email)) == 1


def test_reminders_to_many_go_out_in_pieces_and_none_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "_PIECE", 2)
    monkeypatch.setattr(reminding, "_PIECES", 2)
    session = starting(23 * HOUR)
    rows = [registered_before(session) for _ in range(5)]

    assert [reminding.send_reminders() for _ in range(3)] == [4, 1, 0]
    assert [len(subjects(row.email)) for row in rows] == [2] * 5


def test_nobody_is_reminded_of_what_has_begun_or_is_cancelled() -> None:
    begun, cancelled = starting(-HOUR / 4), starting(HOUR / 2)
    registered_before(begun), registered_before(cancelled)
    Session.objects.filter(pk=cancelled.pk).update(state="cancelled", cancelled_because="Ill.")

    assert reminding.send_reminders() == 0


# Word to all.


def moved(session: Session, day: timedelta) -> None:
    session.moved_from = [
        *session.moved_from,
        [session.day.isoformat(), session.begins.isoformat(), session.zone],
    ]
    session.day += day
    session.save()
    for hook in hooks.changed:
        hook(session, "moved", "The hall was taken.")


def test_who_comes_or_waits_hears_of_a_move_with_the_new_and_the_old_time() -> None:
    session = starting(timedelta(days=5), capacity=1)
    comes, waits, gone = make_registration(session), make_registration(session), make_registration(session)
    registering.stop_mails(comes)
    registering.cancel(gone)
    old = session.day

    moved(session, timedelta(days=7))
    sent = reminding.send_tellings(), reminding.send_tellings()

    mail = Outbox.objects.filter(to=comes.email).latest("pk")
    assert sent == (2, 0)
    assert mail.subject == f"New time: {session.title}"
    assert f"{session.day.day} {session.day:%B %Y}" in mail.text
    assert f"It was announced for {old.day} {old:%B %Y}" in mail.text
    assert "The hall was taken." in mail.text
    assert subjects(waits.email)[-1] == f"New time: {session.title}"


def test_moved_twice_before_anybody_was_told_is_one_mail_from_the_first_time() -> None:
    session = starting(timedelta(days=5))
    row, old = make_registration(session), session.day

    moved(session, timedelta(days=1))
    moved(session, timedelta(days=1))
    reminding.send_tellings()

    told = Outbox.objects.filter(to=row.email, subject__startswith="New time")
    assert told.count() == 1
    assert f"{old.day} {old:%B %Y}" in told.get().text


def test_after_a_move_the_reminders_go_anew() -> None:
    session = starting(HOUR / 2)
    row = registered_before(session)
    reminding.send_reminders()

    moved(session, timedelta(days=7))
    nothing = reminding.send_reminders()
    Session.objects.filter(pk=session.pk).update(starts_at=timezone.now() + HOUR / 2)

    assert nothing == 0
    assert reminding.send_reminders() == 2
    assert len([one for one in subjects(row.email) if "New time" not in one]) == 5


def test_cancelling_is_told_with_the_reason() -> None:
    session = starting(timedelta(days=5))
    row = make_registration(session)
    session.state, session.cancelled_because = "cancelled", "No interpreter."
    session.save()

    for hook in hooks.changed:
        hook(session, "cancelled", "No interpreter.")
    reminding.send_tellings()

    mail = Outbox.objects.filter(to=row.email).latest("pk")
    assert (mail.subject, "No interpreter." in mail.text) == (f"Cancelled: {session.title}", True)
    assert Telling.objects.get().done_at is not None


# Access needs.


def test_a_need_is_tracked_until_met_and_the_person_is_told(client: Client) -> None:
    body, host = make_desk()
    session = starting(timedelta(days=5), organiser=body)
    row = make_registration(session, need="A ramp to the stage")
    assert host.person is not None
    told_hosts = Outbox.objects.get(to=host.person.email)
    come_in(client, host.person)
    address = reverse("sessions:answer_need", args=[session.code])

    working = client.post(address, {"registration": row.pk, "state": "working"})
    bare = client.post(address, {"registration": row.pk, "state": "not_met"})
    before = len(subjects(row.email))
    client.post(address, {"registration": row.pk, "state": "met", "words": "A ramp is there, door B."})

    row.refresh_from_db()
    assert (working.status_code, bare.status_code, before) == (302, 422, 1)
    assert (row.need_state, row.need_answer) == (Need.MET, "A ramp is there, door B.")
    mail = Outbox.objects.filter(to=row.email).latest("pk")
    assert "arranged" in mail.text
    assert "A ramp is there, door B." in client.get(page(row)).content.decode()
    assert not any("ramp" in one.text.lower() for one in Outbox.objects.all())
    assert "1 access need without an answer" in told_hosts.subject


def test_a_changed_need_is_asked_anew() -> None:
    session = starting(timedelta(days=5))
    row = make_registration(session, need="Captions")
    Registration.objects.filter(pk=row.pk).update(need_state=Need.MET, need_answer="Yes.")
    told = {"name": "", "body_kind": "", "place": None, "zone": "", "mode": "", "listed": False}

    same = registering.change(Registration.objects.get(pk=row.pk), need="Captions", **told)  # type: ignore[arg-type]
    other = registering.change(Registration.objects.get(pk=row.pk), need="Sign language", **told)  # type: ignore[arg-type]

    assert (same.need_state, other.need_state, other.need_answer) == (Need.MET, Need.ASKED, "")


def test_open_needs_warn_the_hosts_three_days_and_one_day_before_once_each() -> None:
    body, host = make_desk()
    assert host.person is not None
    session = starting(timedelta(days=2), organiser=body)
    make_registration(session, need="Captions")
    Outbox.objects.all().delete()

    reminding.warn_of_needs(), reminding.warn_of_needs()
    first = Outbox.objects.filter(to=host.person.email).count()
    Session.objects.filter(pk=session.pk).update(starts_at=timezone.now() + 20 * HOUR)
    reminding.warn_of_needs(), reminding.warn_of_needs()

    assert first == 1
    assert Outbox.objects.filter(to=host.person.email).count() == 2


# Hosts' list.


def test_hosts_read_the_list_a_coordinator_counts_and_others_nothing(client: Client) -> None:
    body, manager = make_desk()
    editor, coordinator, foreign = staff(body, Role.Kind.EDITOR), staff(None), make_desk(country="FR")[1]
    session = starting(timedelta(days=5), organiser=body)
    row = make_registration(session, name="Ana", need="Captions")
    address = reverse("sessions:registrations", args=[session.code])

    def seen(visitor: Any) -> tuple[int, bool]:
        browser = Client(headers={"Sec-Fetch-Site": "same-origin"})
        come_in(browser, visitor.person)
        answer = browser.get(address)
        return answer.status_code, row.email in answer.content.decode()

    assert [seen(one) for one in (manager, editor, coordinator, foreign)] == [
        (200, True), (200, True), (200, False), (403, False),
    ]  # fmt: skip
    assert client.get(address).status_code == 302
    assert [may_export_list(one, session) for one in (manager, editor, coordinator)] == [True, False, False]


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_taking_the_list_out_is_written_down_and_formulas_are_text(client: Client, form: str) -> None:
    body, manager = make_desk()
    session = starting(timedelta(days=5), organiser=body)
    make_registration(session, name="=HYPERLINK(1)")
    assert manager.person is not None
    come_in(client, manager.person)
    address = reverse("sessions:export_registrations", args=[session.code])

    answer = client.get(address, {"format": form})

    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.details) == ("registrations.exported", {"format": form, "rows": 1})
    assert entry.actor == f"person:{manager.person.pk}"
    if form == "csv":
        assert "'=HYPERLINK(1)" in answer.content.decode()
    assert client.get(address, {"format": "exe"}).status_code == 400
    assert client.get(address).status_code == 400


def test_a_long_list_takes_no_more_queries(client: Client, count_queries: Any) -> None:
    body, manager = make_desk()
    session = starting(timedelta(days=5), organiser=body)
    assert manager.person is not None
    come_in(client, manager.person)
    address = reverse("sessions:registrations", args=[session.code])
    bologna = Place.objects.get(pk="ITH5")

    def queries() -> int:
        with count_queries() as counted:
            assert client.get(address).status_code == 200
        return len(counted)

    make_registration(session, place=bologna, need="Captions")
    queries()
    one = queries()
    for _ in range(3):
        make_registration(session, place=bologna, need="Captions")

    assert queries() == one


# Attendance and certificates.


def test_one_says_that_one_is_here_and_only_while_it_runs(client: Client) -> None:
    session = starting(3 * HOUR)
    row = make_registration(session)

    early = client.post(page(row, "place_here")).status_code
    Session.objects.filter(pk=session.pk).update(state="live")
    now = client.post(page(row, "place_here")).status_code

    row.refresh_from_db()
    assert (early, now) == (409, 302)
    assert row.attended_at is not None


def test_on_site_it_takes_the_code_shown_there(client: Client) -> None:
    session = starting(HOUR / 4, venue="Bologna")
    row = make_registration(session)

    wrong = client.post(page(row, "place_here"), {"code": "ABC123"}).status_code
    none = client.post(page(row, "place_here")).status_code
    right = client.post(page(row, "place_here"), {"code": room_code(session).lower()}).status_code

    assert (wrong, none, right) == (422, 422, 302)


def test_a_certificate_says_session_date_minutes_and_the_name_only_as_wished(client: Client) -> None:
    session = starting(HOUR / 4)
    row = make_registration(session, name="Ana Registered", email="ana@example.org")
    attendance.attend(row)
    early = client.post(page(row, "place_certificate"), {"name": "Ana"}).status_code
    Session.objects.filter(pk=session.pk).update(state="ended")

    client.post(page(row, "place_certificate"), {"name": "A. Wished"})
    row.refresh_from_db()
    checked = client.get(reverse("sessions:certificate", args=[row.certificate])).content.decode()
    client.post(page(row, "place_certificate"), {"name": ""})
    nameless = client.get(reverse("sessions:certificate", args=[row.certificate])).content.decode()

    assert early == 409
    assert [word in checked for word in ("A. Wished", session.title, "60 minutes", "Registered", "ana@")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert "The holder took part" in nameless


def test_who_was_not_there_has_no_certificate_and_a_made_up_number_is_none(client: Client) -> None:
    session = starting(HOUR / 4)
    row = make_registration(session)
    Session.objects.filter(pk=session.pk).update(state="ended")

    assert client.post(page(row, "place_certificate"), {"name": "Ana"}).status_code == 409
    for number in ("0000-0000-0000-0000", "None", "%00", "x" * 3000):
        assert client.get(f"/sessions/certificates/{number}/").status_code == 404


# What is kept, and how long.


def test_sixty_days_after_address_name_and_need_are_erased_and_the_certificate_stays(client: Client) -> None:
    session = starting(HOUR / 4)
    row = make_registration(session, name="Ana", need="Captions", email="ana@example.org")
    other = make_registration(session)
    attendance.attend(row)
    Session.objects.filter(pk=session.pk).update(state="ended")
    attendance.certify(row, name="Ana Wished")
    kept = registering.forget_old()
    Session.objects.filter(pk=session.pk).update(ends_at=timezone.now() - timedelta(days=61))

    gone = registering.forget_old(), registering.forget_old()

    row.refresh_from_db()
    assert (kept, gone) == (0, (2, 0))
    assert (row.email, row.name, row.need, row.certificate_name) == ("", "", "", "Ana Wished")
    assert Outbox.objects.count() == Slip.objects.count() == 0
    assert client.get(page(row)).status_code == client.get(page(other)).status_code == 200
    assert "ana@" not in client.get(page(row)).content.decode()
    assert client.get(reverse("sessions:certificate", args=[row.certificate])).status_code == 200


def test_a_person_sees_takes_and_erases_what_is_kept(client: Client) -> None:
    person = make_person()
    session = starting(timedelta(days=5), capacity=1)
    by_account = make_registration(session, person.email, by=visitor_for(person), name="Ana")
    next_one = make_registration(session)
    without = make_registration(make_session(), person.email)
    come_in(client, person)

    seen = client.get("/account/").content.decode()
    copy = mine.exports["registrations"](person)
    registering.forget_person(person)

    assert code_of(by_account) in seen
    assert code_of(without) in seen
    assert [one["session"] for one in copy] == [session.code, without.session.code]
    for row in (by_account, next_one, without):
        row.refresh_from_db()
    assert (by_account.state, by_account.person, by_account.email, by_account.name) == (
        State.CANCELLED,
        None,
        "",
        "",
    )
    assert (without.state, without.email) == (State.CANCELLED, "")
    assert next_one.state == State.OFFERED
    assert not Outbox.objects.filter(to=person.email).exists()
    assert account.registrations_of(person) == []


def test_one_click_of_a_mail_program_stops_the_reminders(client: Client) -> None:
    row = make_registration(make_session(organiser=make_organisation()))
    foreign = Client()

    opened = client.get(page(row, "place_stop")).status_code
    row.refresh_from_db()
    was = row.mails_stopped
    foreign.post(page(row, "place_stop"), {"List-Unsubscribe": "One-Click"})

    row.refresh_from_db()
    assert (opened, was, row.mails_stopped) == (200, False, True)


def test_a_session_has_six_reminders_at_most(client: Client) -> None:
    body, manager = make_desk()
    session = starting(timedelta(days=5), organiser=body)
    for minutes in range(10, 50, 10):
        reminding.set_reminder(session, by=manager, minutes_before=minutes)

    with pytest.raises(reminding.TooMany):
        reminding.set_reminder(session, by=manager, minutes_before=70)
    assert Reminder.objects.filter(session=session).count() == 6
