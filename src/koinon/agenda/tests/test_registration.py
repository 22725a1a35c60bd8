"""Registering with and without an account: one address is one place, nobody else learns of it, links alone do nothing."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.agenda.actions import registering
from koinon.agenda.models import Invitation, Registration, Session, Slip
from koinon.agenda.registration_codes import code_of
from koinon.agenda.testing import make_registration, make_session
from koinon.mail.models import Outbox
from koinon.network.limits import anonymous_writes
from koinon.network.visitor import ANYONE, visitor_for
from koinon.people.testing import come_in, make_person
from koinon.questions.testing import make_desk

pytestmark = pytest.mark.django_db
State = Registration.State
LABELS = ("Register", "Join the waiting list", "My place", "Who comes")


@pytest.fixture(autouse=True)
def _all_pass() -> None:
    """Many tests write from one address within a minute."""
    anonymous_writes.forget()


def soon() -> datetime:
    return timezone.now() + timedelta(days=5)


def send(client: Client, session: Session, **typed: str) -> Any:
    data = {"email": "ana@example.org", "nonce": "nonce-0001"} | typed
    return client.post(reverse("sessions:register", args=[session.code]), data)


def page(registration: Registration, name: str = "place") -> str:
    return reverse(f"sessions:{name}", args=[code_of(registration)])


def text(answer: Any) -> str:
    """A page's words, without its marks and codes that differ by nature."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode())).strip()


def test_an_address_is_enough_and_the_key_goes_there_by_mail(client: Client) -> None:
    session = make_session()

    answer = send(client, session)

    registration = Registration.objects.get()
    mail = Outbox.objects.get()
    assert (registration.state, registration.email, registration.name) == (
        State.COMING,
        "ana@example.org",
        "",
    )
    assert (mail.to, mail.subject) == ("ana@example.org", f"You are in: {session.title}")
    assert code_of(registration) in mail.text
    assert code_of(registration) not in answer.headers["Location"]
    assert client.get(answer.headers["Location"]).status_code == 200
    assert client.get(page(registration)).status_code == 200
    assert client.cookies == {}


def test_the_same_form_twice_is_one_registration_and_one_answer(client: Client) -> None:
    session = make_session()

    first, again = send(client, session), send(client, session)

    assert first.headers["Location"] == again.headers["Location"]
    assert Registration.objects.count() == Outbox.objects.count() == Slip.objects.count() == 1


@pytest.mark.parametrize("capacity", [None, 5, 1])
def test_a_stranger_is_told_the_same_whether_an_address_is_registered_or_not(
    client: Client, capacity: int | None
) -> None:
    known, unknown = make_session(capacity=capacity), make_session(capacity=capacity)
    Session.objects.filter(pk=unknown.pk).update(title=known.title)
    make_registration(known, "ana@example.org")
    make_registration(unknown, "somebody.else@example.org")

    answers = [send(client, session, nonce="nonce-0002") for session in (known, unknown)]
    pages = [text(client.get(answer.headers["Location"])) for answer in answers]

    assert answers[0].status_code == answers[1].status_code == 302
    assert pages[0].replace(known.code, "") == pages[1].replace(unknown.code, "")
    assert known.registrations.count() == 1
    told = Outbox.objects.filter(to="ana@example.org", subject__startswith="You are registered already")
    assert told.count() == 1


def test_a_slip_opens_nothing(client: Client) -> None:
    session = make_session()
    slip = send(client, session).headers["Location"].partition("?")[0]

    for name in ("change", "cancel", "accept", "here", "certificate", "stop"):
        assert client.post(f"{slip}{name}/").status_code == 404

    assert Registration.objects.get().state == State.COMING


def test_who_signed_in_with_the_address_has_the_private_page_at_once(client: Client) -> None:
    session, person = make_session(), make_person()
    come_in(client, person)

    answer = send(client, session, email=person.email.upper())

    registration = Registration.objects.get()
    assert answer.headers["Location"] == page(registration) + "?sent=1"
    assert (registration.person, registration.email_confirmed) == (person, True)


def test_signed_in_with_another_address_one_is_a_stranger_to_it(client: Client) -> None:
    session = make_session()
    before = make_registration(session, "ana@example.org")
    come_in(client, make_person())

    answer = send(client, session)

    assert code_of(before) not in answer.headers["Location"]
    assert Registration.objects.get().person is None


def test_what_was_registered_without_an_account_is_taken_over_by_who_proved_the_address() -> None:
    session, person = make_session(), make_person()
    before = make_registration(session, person.email)

    made = registering.register(session, by=visitor_for(person), email=person.email, nonce="nonce-0003")

    before.refresh_from_db()
    assert (made.code, made.is_private) == (code_of(before), True)
    assert before.person == person
    assert session.registrations.count() == 1


def test_opening_the_links_of_a_mail_changes_nothing_and_the_button_cancels(client: Client) -> None:
    session = make_session()
    registration = make_registration(session, "ana@example.org", name="Ana", need="Captions, please")
    links = re.findall(r"https?://[^/\s]+(/sessions/places/\S+)", Outbox.objects.get().text)

    seen = [client.get(link).status_code for link in links]
    tried = client.get(page(registration, "place_cancel")).status_code
    registration.refresh_from_db()
    was = registration.state, registration.mails_stopped

    client.post(page(registration, "place_cancel"))

    registration.refresh_from_db()
    assert (seen, tried) == ([200] * len(links), 405)
    assert len(links) >= 2
    assert was == (State.COMING, False)
    assert registration.state == State.CANCELLED
    assert (registration.email, registration.name, registration.need) == ("", "", "")
    assert list(Outbox.objects.values_list("subject", flat=True)) == [
        f"You gave your place back: {session.title}"
    ]


def test_who_gave_the_place_back_can_register_again(client: Client) -> None:
    session = make_session()
    registering.cancel(make_registration(session, "ana@example.org"))

    send(client, session, nonce="nonce-0009")

    assert [row.state for row in session.registrations.order_by("pk")] == [State.CANCELLED, State.COMING]


def test_one_changes_what_one_told(client: Client) -> None:
    registration = make_registration(make_session(), "ana@example.org")
    typed = {"name": "Ana", "listed": "on", "place": "ES70", "need": "A quiet room", "body_kind": "region"}

    answer = client.post(page(registration, "place_change"), typed)

    registration.refresh_from_db()
    assert answer.status_code == 302
    assert (registration.name, registration.listed, registration.zone) == ("Ana", True, "Atlantic/Canary")
    assert registration.need_state == Registration.Need.ASKED


def test_the_list_of_participants_shows_only_who_chose_it_and_only_to_participants(client: Client) -> None:
    session = make_session()
    mine = make_registration(session)
    make_registration(session, name="Shown Sarah", listed=True)
    make_registration(session, name="Hidden Hugo")

    seen = client.get(page(mine)).content.decode()
    public = client.get(reverse("sessions:session", args=[session.code])).content.decode()

    assert ("Shown Sarah" in seen, "Hidden Hugo" in seen) == (True, False)
    assert "Shown Sarah" not in public


def test_to_be_listed_takes_a_name(client: Client) -> None:
    answer = send(client, make_session(), listed="on")

    assert answer.status_code == 422
    assert Registration.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"takes_registrations": False}, "Nobody registers here"),
        ({"state": "ended"}, "The session is over"),
        ({"state": "cancelled", "cancelled_because": "No interpreter."}, "No interpreter."),
    ],
)
def test_where_nobody_can_register_the_page_says_why(
    client: Client, changes: dict[str, Any], words: str
) -> None:
    session = make_session(**changes)

    answer = send(client, session)

    assert answer.status_code == 409
    assert words in answer.content.decode()
    assert Registration.objects.count() == 0


def test_a_session_of_the_past_takes_nobody(client: Client) -> None:
    session = make_session(starts=timezone.now() - timedelta(days=2))

    assert send(client, session).status_code == 409


def test_one_that_is_for_invited_people_is_not_there_for_others(client: Client) -> None:
    session = make_session(audience=Session.Audience.INVITED)
    invited, other = make_person(), make_person()
    Invitation.objects.create(session=session, person=invited, at=timezone.now())
    address = reverse("sessions:register", args=[session.code])

    anonymous = client.get(address).status_code, send(client, session).status_code
    come_in(client, other)
    stranger = client.get(address).status_code, send(client, session, email=other.email).status_code
    guest = Client(headers={"Sec-Fetch-Site": "same-origin"})
    come_in(guest, invited)

    assert (anonymous, stranger) == ((404, 404), (404, 404))
    assert send(guest, session, email=invited.email).status_code == 302
    assert Registration.objects.get().person == invited


def test_a_draft_takes_nobody_not_even_its_own_people(client: Client) -> None:
    body, manager = make_desk()
    session = make_session(published=False, organiser=body)
    assert manager.person is not None

    stranger = send(client, session).status_code
    come_in(client, manager.person)
    own = client.get(reverse("sessions:register", args=[session.code])).status_code
    sent = send(client, session, email=manager.person.email).status_code

    assert (stranger, own, sent) == (404, 404, 404)


def test_the_ticket_of_a_session_leads_to_registering_and_who_is_registered_to_the_own_place(
    client: Client,
) -> None:
    body, manager = make_desk()
    session, full = make_session(organiser=body, starts=soon()), make_session(capacity=1, starts=soon())
    closed = make_session(takes_registrations=False, starts=soon())
    make_registration(full)
    assert manager.person is not None
    mine = make_registration(session, manager.person.email, by=manager)

    def ticket(browser: Client, one: Session) -> list[str]:
        seen = browser.get(reverse("sessions:session", args=[one.code])).content.decode()
        return [label for label in LABELS if f">{label}</a>" in seen]

    anonymous = [ticket(client, one) for one in (session, full, closed)]
    come_in(client, manager.person)

    assert anonymous == [["Register"], ["Join the waiting list"], []]
    assert ticket(client, session) == ["My place", "Who comes"]
    assert code_of(mine) in client.get(reverse("sessions:session", args=[session.code])).content.decode()


@pytest.mark.parametrize("code", ["0000-0000-0000-0000-0000", "x", "a\x00b", "%00", "1" * 5000, "<b>", "٣"])
def test_forged_codes_are_nothing(client: Client, code: str) -> None:
    for tail in ("", "change/", "cancel/", "accept/", "here/", "certificate/", "stop/"):
        address = f"/sessions/places/{quote(code, safe='')}/{tail}"
        assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}


@pytest.mark.parametrize("name", ["email", "name", "need", "place", "body_kind", "zone", "mode", "nonce"])
@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 10_000,
        "a\x00b",
        "a\u202eb\u2066c",
        "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace") * 600,
    ],
)
def test_hostile_words_get_plain_ones_and_nothing_is_kept(client: Client, name: str, hostile: str) -> None:
    answer = send(client, make_session(), **{name: hostile})

    assert answer.status_code == 422
    assert Registration.objects.count() == Outbox.objects.count() == 0


def test_hostile_names_come_back_as_text(client: Client) -> None:
    registration = make_registration(make_session(), name="<script>alert(1)</script>", listed=True)

    shown = client.get(page(registration)).content.decode()

    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown


# The API.


def call(client: Client, session: Session, key: str = "", **sent: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"email": "ana@example.org"} | sent
    url = f"/api/v1/sessions/{session.code}/registrations"
    return client.post(url, body, content_type="application/json", headers=headers)


def test_the_api_takes_an_address_and_gives_a_receipt(client: Client) -> None:
    answer = call(client, make_session(), name="Ana", place="bologna-3181928", lang="it")

    made = answer.json()
    assert answer.status_code == 201
    assert sorted(made) == ["receipt", "state"]
    assert client.get(made["receipt"]).status_code == 200
    assert Outbox.objects.get().language == "it"


def test_the_api_says_the_rank_of_who_waits(client: Client) -> None:
    session = make_session(capacity=1)
    make_registration(session)

    made = call(client, session).json()

    assert (made["state"], made["rank"]) == ("waiting", 1)


def test_the_same_key_registers_once_and_another_body_is_refused(client: Client) -> None:
    session, key = make_session(), str(uuid4())

    first, again = call(client, session, key).json(), call(client, session, key).json()
    other = call(client, session, key, email="bruno@example.org")

    assert first == again
    assert other.status_code == 422
    assert Registration.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"email": ""},
        {"email": "no address"},
        {"name": "a\u0000b"},
        {"name": "abc\u202edef"},
        {"name": "x" * 151},
        {"place": "nowhere-1"},
        {"mode": "by boat"},
        {"lang": "xx"},
        {"state": "coming"},
    ],
)
def test_the_api_refuses_what_is_not_as_described(client: Client, sent: dict[str, str]) -> None:
    answer = call(client, make_session(), **sent)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert Registration.objects.count() == 0


def test_the_api_says_that_it_is_closed_and_nothing_of_what_one_may_not_see(client: Client) -> None:
    closed = call(client, make_session(takes_registrations=False))
    hidden = call(client, make_session(audience=Session.Audience.INVITED))
    missing = call(client, Session(code="26NONE"))

    assert (closed.status_code, closed.json()["state"]) == (409, "closed")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content


def test_too_many_from_one_address_wait(client: Client) -> None:
    session = make_session()

    answers = [send(client, session, nonce=f"nonce-{n:06}").status_code for n in range(61)]

    assert answers == [302] * 60 + [429]


def test_nobody_registers_without_the_action_asking() -> None:
    session = make_session(audience=Session.Audience.INVITED)

    with pytest.raises(Http404):
        registering.register(session, by=ANYONE, email="ana@example.org", nonce="nonce-0001")
