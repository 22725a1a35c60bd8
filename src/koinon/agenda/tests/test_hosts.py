"""What hosts do: drafting, changing without overwriting, the run of show, publishing, moving, cancelling, speakers, material."""

import re
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from koinon.agenda import hooks
from koinon.agenda.actions import publishing, speaking, writing
from koinon.agenda.forms import organisers_for
from koinon.agenda.models import Material, Registration, Segment, Session, Speaker
from koinon.agenda.testing import make_session
from koinon.base.when import Moment
from koinon.journal.models import Entry
from koinon.mail.models import Outbox
from koinon.network.models import Organisation, Role
from koinon.network.testing import make_consortium, make_membership, make_organisation, make_visitor
from koinon.network.visitor import ANYONE, Visitor
from koinon.people.testing import come_in

pytestmark = pytest.mark.django_db
Kind = Role.Kind


@pytest.fixture
def body() -> Organisation:
    return make_organisation(kind=Organisation.Kind.CENTRE)


@pytest.fixture
def manager(body: Organisation) -> Visitor:
    return make_visitor(Kind.MANAGER, body)


def signed_in(client: Client, by: Visitor) -> Client:
    assert by.person is not None
    come_in(client, by.person, how="mfa", proved=True)
    return client


def typed(**more: Any) -> dict[str, Any]:
    return {
        "title": "Ask us anything",
        "language": "en",
        "lead": "",
        "format": "clinic",
        "theme": "Money",
        "outline": "What comes.",
        "notes": "ESF+: A fund.",
        "places": "bologna-3181928\nMalta",
        "spoken": ["it", "en"],
        "series": "Clinic",
        "follows": "",
        "audience": "public",
        "venue": "",
        "video": "",
        "takes_registrations": "on",
        "capacity": "",
        "here_capacity": "",
        "day": "2027-03-09",
        "begins": "14:00",
        "minutes": "60",
        "zone": "Europe/Rome",
        "fold": "",
    } | more


def verbs(session: Session) -> list[str]:
    rows = Entry.objects.filter(thing=f"agenda.session:{session.pk}").order_by("pk")
    return list(rows.values_list("verb", flat=True))


def words_of(session: Session, **more: Any) -> writing.Announcement:
    names = writing.Announcement.__dataclass_fields__
    values = {name: getattr(session, name) for name in names if name != "places"}
    return writing.Announcement(**(values | {"places": ()} | more))


# Drafting and changing.


def test_a_session_is_drafted_seen_by_its_own_people_published_and_then_by_all(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    browser = signed_in(client, manager)

    made = browser.post("/sessions/new/", typed(organiser=body.pk))
    session = Session.objects.get(organiser=body)
    before = Client().get(session.get_absolute_url()).status_code
    own = browser.get(session.get_absolute_url())
    browser.post(f"/sessions/{session.code}/publish/")

    assert made.headers["Location"] == f"/sessions/{session.code}/edit/"
    assert (before, own.status_code) == (404, 200)
    assert "This is a draft." in own.content.decode()
    assert Client().get(session.get_absolute_url()).status_code == 200
    assert re.fullmatch(r"09CLIN27\d{3}", session.code)
    assert session.notes == [["ESF+", "A fund."]]
    assert sorted(place.key for place in session.places.all()) == ["MT", "bologna-3181928"]
    assert session.series is not None
    assert session.series.title == "Clinic"
    assert verbs(session) == ["session.drafted", "session.published"]


def test_the_same_name_makes_the_same_series(body: Organisation, manager: Visitor) -> None:
    first = writing.make_series(body, by=manager, title="Clinic")
    again = writing.make_series(body, by=manager, title="Clinic")
    other = writing.make_series(make_organisation(), by=make_visitor(Kind.COORDINATOR), title="Clinic")

    assert first == again
    assert other.slug != first.slug


def test_of_two_at_once_nobody_overwrites_and_both_texts_are_shown(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    session = make_session("Before", organiser=body, published=False)
    browser = signed_in(client, manager)
    first = typed(title="The first", version=1)
    second = typed(title="The second", version=1)

    browser.post(f"/sessions/{session.code}/edit/", first)
    late = browser.post(f"/sessions/{session.code}/edit/", second)
    session.refresh_from_db()

    assert late.status_code == 409
    assert (session.title, session.version) == ("The first", 2)
    assert "The first" in late.content.decode()
    assert "The second" in late.content.decode()
    assert browser.post(f"/sessions/{session.code}/edit/", second | {"version": 2}).status_code == 302
    with pytest.raises(writing.Changed):
        writing.edit(session, by=manager, version=1, announcement=words_of(session, title="A third"))


def test_saying_the_same_again_changes_nothing(body: Organisation, manager: Visitor) -> None:
    session = make_session(organiser=body)

    writing.edit(session, by=manager, version=1, announcement=words_of(session))

    session.refresh_from_db()
    assert (session.version, verbs(session)) == (1, [])


def test_the_time_of_what_is_published_is_not_changed_in_silence(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    session = make_session(organiser=body)
    day = session.day

    signed_in(client, manager).post(f"/sessions/{session.code}/edit/", typed(version=1, day="2030-01-01"))

    session.refresh_from_db()
    assert (session.title, session.day) == ("Ask us anything", day)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("title", "a\x00b"),
        ("day", "2027-02-30"),
        ("day", "1850-01-01"),
        ("begins", "25:00"),
        ("minutes", "0"),
        ("minutes", "9" * 30),
        ("zone", "Mars/Phobos"),
        ("zone", "../../etc/passwd"),
        ("places", "Nowhere at all"),
        ("places", "\n".join(["Malta"] * 41)),
        ("spoken", "xx"),
        ("notes", "no colon here"),
        ("follows", "UNKNOWN"),
        ("video", "javascript:alert(1)"),
        ("capacity", "-1"),
        ("audience", "nobody"),
        ("organiser", "nobody"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    client: Client, body: Organisation, manager: Visitor, field: str, value: str
) -> None:
    answer = signed_in(client, manager).post("/sessions/new/", typed(organiser=body.pk) | {field: value})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Session.objects.filter(organiser=body).exists()


def test_a_time_that_clocks_leave_out_is_asked_about(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    gone = typed(organiser=body.pk, day="2027-03-28", begins="02:30", zone="Europe/Brussels")

    answer = signed_in(client, manager).post("/sessions/new/", gone)

    assert answer.status_code == 422
    assert "do not show this time" in answer.content.decode()


def test_a_time_that_clocks_show_twice_is_asked_which(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    twice = typed(organiser=body.pk, day="2027-10-31", begins="02:30", zone="Europe/Brussels")
    browser = signed_in(client, manager)

    asked = browser.post("/sessions/new/", twice)
    browser.post("/sessions/new/", twice | {"fold": "1"})
    session = Session.objects.get(organiser=body)

    assert asked.status_code == 422
    assert "show this time twice" in asked.content.decode()
    assert '<select name="fold"' in asked.content.decode()
    assert f"{session.starts_at:%H:%M}" == "01:30"


def test_who_may_announce_for_which_body(body: Organisation) -> None:
    consortium = make_consortium()
    make_membership(body, consortium)
    lead = make_visitor(Kind.LEAD, consortium)

    assert organisers_for(ANYONE) == []
    assert organisers_for(make_visitor(Kind.INNOVATOR, make_organisation())) == []
    assert [row.pk for row in organisers_for(make_visitor(Kind.EDITOR, body))] == [body.pk]
    assert sorted(row.pk for row in organisers_for(lead)) == sorted([body.pk, consortium.pk])
    with pytest.raises(PermissionDenied):
        writing.make_series(body, by=make_visitor(Kind.MANAGER, make_organisation()), title="x")


def test_a_session_of_another_body_is_not_drafted(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    other = make_organisation(kind=Organisation.Kind.CENTRE)

    assert signed_in(client, manager).post("/sessions/new/", typed(organiser=other.pk)).status_code == 403
    assert not Session.objects.filter(organiser=other).exists()


# The run of show.


def add(session: Session, by: Visitor, title: str, minutes: int | None) -> Segment:
    return writing.add_segment(session, by=by, kind="talk", title=title, text="", minutes=minutes, who="")


def titles(session: Session) -> list[tuple[int, str]]:
    return list(session.segments.order_by("position").values_list("position", "title"))


def test_parts_are_added_moved_and_taken_out(body: Organisation, manager: Visitor) -> None:
    session = make_session(organiser=body, segments=())
    a, b, c = (add(session, manager, title, 20) for title in "abc")

    writing.move_segment(c, by=manager, up=True)
    writing.move_segment(a, by=manager, up=True)
    moved = titles(session)
    writing.remove_segment(a, by=manager)

    assert moved == [(0, "a"), (1, "c"), (2, "b")]
    assert titles(session) == [(0, "c"), (1, "b")]
    assert b.session == session


def test_parts_never_take_more_minutes_than_there_are(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    session = make_session(organiser=body, segments=(("a", 40),))
    part = session.segments.get()

    with pytest.raises(writing.TooLong) as more:
        add(session, manager, "b", 21)
    with pytest.raises(writing.TooLong):
        writing.change_segment(part, by=manager, kind="talk", title="a", text="", minutes=61, who="")
    answer = signed_in(client, manager).post(
        f"/sessions/{session.code}/edit/parts/", {"title": "b", "kind": "qa", "minutes": "21"}
    )
    add(session, manager, "b", 20)

    assert more.value.over == 1
    assert answer.status_code == 422
    assert "1 minute more than the session has" in answer.content.decode()
    assert writing.taken(session) == 60


def test_a_part_is_changed_moved_and_taken_out_by_plain_forms(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    session = make_session(organiser=body)
    first, second, third = session.segments.order_by("position")
    browser = signed_in(client, manager)
    where = f"/sessions/{session.code}/edit/parts/"

    page = browser.get(where).content.decode()
    browser.post(
        f"{where}{first.pk}/",
        {"do": "save", f"part{first.pk}-title": "New", f"part{first.pk}-kind": "talk"},
    )
    browser.post(f"{where}{second.pk}/", {"do": "up"})
    browser.post(f"{where}{third.pk}/", {"do": "remove"})
    foreign = browser.post(f"{where}{make_session().segments.all()[0].pk}/", {"do": "remove"})

    assert "All minutes are given to a part." in page
    assert titles(session) == [(0, second.title), (1, "New")]
    assert foreign.status_code == 404


# Publishing, moving, cancelling, deleting.


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    heard: list[tuple[str, str, str]] = []
    monkeypatch.setattr(
        hooks, "changed", [lambda session, what, words: heard.append((session.code, what, words))]
    )
    return heard


def test_moving_tells_all_and_keeps_the_earlier_time(
    client: Client, body: Organisation, manager: Visitor, told: list[tuple[str, str, str]]
) -> None:
    session = make_session(organiser=body, day=date(2027, 3, 1), begins=time(9, 30))
    speaker = speaking.add(session, by=manager, name="Ana", role="speaker", email="ana@example.org")
    speaking.invite(speaker, by=manager)
    browser = signed_in(client, manager)

    answer = browser.post(
        f"/sessions/{session.code}/move/",
        {
            "day": "2027-03-02",
            "begins": "10:00",
            "minutes": "60",
            "zone": "Europe/Athens",
            "words": "The hall is closed.",
            "version": "1",
        },
    )
    session.refresh_from_db()

    assert answer.status_code == 302
    assert session.moved_from == [["2027-03-01", "09:30", "Europe/Brussels"]]
    assert f"{session.starts_at:%d %H:%M}" == "02 08:00"
    assert told == [(session.code, "moved", "The hall is closed.")]
    mail = Outbox.objects.latest("pk")
    assert (mail.to, "The hall is closed." in mail.text) == ("ana@example.org", True)
    assert (
        "It had been announced for 2027-03-01, 09:30"
        in Client().get(session.get_absolute_url()).content.decode()
    )
    late = browser.post(
        f"/sessions/{session.code}/move/",
        {"day": "2027-03-05", "begins": "10:00", "minutes": "60", "zone": "Europe/Athens", "version": "1"},
    )
    assert (late.status_code, len(told)) == (409, 1)


def test_a_draft_is_moved_without_a_word(
    body: Organisation, manager: Visitor, told: list[tuple[str, str, str]]
) -> None:
    session = make_session(organiser=body, published=False)

    publishing.move(
        session,
        by=manager,
        version=1,
        moment=Moment(date(2027, 3, 2), time(9), "Europe/Rome"),
        minutes=60,
    )

    assert told == []


def test_cancelling_needs_a_reason_tells_all_and_stays_on_its_page(
    client: Client, body: Organisation, manager: Visitor, told: list[tuple[str, str, str]]
) -> None:
    session = make_session(organiser=body)
    browser = signed_in(client, manager)
    where = f"/sessions/{session.code}/cancel/"

    without = browser.post(where, {"because": " "})
    browser.post(where, {"because": "Nobody\r\ncame."})
    browser.post(where, {"because": "Again."})
    session.refresh_from_db()

    assert without.status_code == 422
    assert (session.state, session.cancelled_because) == ("cancelled", "Nobody came.")
    assert told == [(session.code, "cancelled", "Nobody came.")]
    assert "Nobody came." in Client().get(session.get_absolute_url()).content.decode()
    assert "STATUS:CANCELLED" in Client().get(f"/sessions/{session.code}.ics").content.decode()


@pytest.mark.parametrize("state", ["live", "ended"])
def test_what_runs_or_is_over_is_neither_moved_nor_cancelled_nor_deleted(
    client: Client, body: Organisation, manager: Visitor, state: str
) -> None:
    session = make_session(organiser=body, state=state)
    browser = signed_in(client, manager)
    when = {"day": "2027-03-02", "begins": "10:00", "minutes": "60", "zone": "Europe/Athens", "version": "1"}

    answers = [
        browser.post(f"/sessions/{session.code}/move/", when).status_code,
        browser.post(f"/sessions/{session.code}/cancel/", {"because": "x"}).status_code,
        browser.post(f"/sessions/{session.code}/delete/").status_code,
    ]

    assert answers == [422, 422, 422]
    assert Session.objects.filter(pk=session.pk, state=state).exists()


def test_a_draft_is_deleted_but_not_what_somebody_registered_for(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    draft, full = make_session(organiser=body, published=False), make_session(organiser=body)
    Registration.objects.create(
        session=full, email="ana@example.org", at=timezone.now(), seed="s", receipt="r"
    )
    browser = signed_in(client, manager)

    gone = browser.post(f"/sessions/{draft.code}/delete/")
    kept = browser.post(f"/sessions/{full.code}/delete/")

    assert (gone.status_code, kept.status_code) == (302, 422)
    assert [row.pk for row in Session.objects.filter(organiser=body)] == [full.pk]


def test_an_unsure_time_is_confirmed_by_a_person_and_keeps_the_announcement(
    manager: Visitor, body: Organisation
) -> None:
    session = make_session(organiser=body, time_certain=False, announced_time="9:30 (CET)")

    publishing.confirm_time(session, by=manager)

    session.refresh_from_db()
    assert (session.time_certain, session.announced_time) == (True, "9:30 (CET)")
    assert verbs(session) == ["session.time_confirmed"]


# Speakers.


def test_a_speaker_answers_by_the_private_link_without_an_account(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    session = make_session(organiser=body)
    browser = signed_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), manager)
    browser.post(
        f"/sessions/{session.code}/edit/speakers/",
        {
            "name": "Ana",
            "role": "speaker",
            "email": "ana@example.org",
            "language": "it",
            "slides_due": "2027-01-01",
            "invite": "yes",
        },
    )
    speaker = session.speakers.get()
    mail = Outbox.objects.latest("pk")
    found = re.search(r"https?://\S+?(/it/sessions/speakers/\S+/)", mail.text)
    assert found is not None
    link = found[1]

    page = client.get(link)
    client.post(link, {"do": "yes"})
    bad = client.post(link, {"do": "save", "name": "", "slides": "javascript:x"})
    client.post(
        link,
        {
            "do": "save",
            "name": "Ana B.",
            "body": "Here",
            "bio": "She does.",
            "slides": "https://example.org/s",
        },
    )
    speaker.refresh_from_db()

    assert (page.status_code, bad.status_code) == (200, 422)
    assert page.cookies == {}
    assert (speaker.state, speaker.name, speaker.slides) == ("accepted", "Ana B.", "https://example.org/s")
    public = Client().get(session.get_absolute_url()).content.decode()
    assert "Ana B." in public
    assert "ana@example.org" not in public
    client.post(link, {"do": "no"})
    assert "Ana B." not in Client().get(session.get_absolute_url()).content.decode()


def test_a_link_of_another_a_forged_one_and_an_old_one_lead_nowhere(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    session = make_session(organiser=body)
    one = speaking.add(session, by=manager, name="Ana", role="speaker")
    two = speaking.add(session, by=manager, name="Bo", role="speaker")
    mixed = f"{two.pk}-{speaking.secret_of(one).partition('-')[2]}"
    removed = speaking.secret_of(two)
    speaking.remove(two, by=manager)
    old = speaking.add(
        make_session(organiser=body, starts=timezone.now() - timedelta(days=100)),
        by=manager,
        name="Cy",
        role="speaker",
    )

    for secret in (mixed, removed, speaking.secret_of(old), "x", f"{one.pk}-", "9" * 40 + "-a"):
        assert client.get(f"/sessions/speakers/{secret}/").status_code == 404
    assert client.get(f"/sessions/speakers/{speaking.secret_of(one)}/").status_code == 200


def test_slides_are_asked_for_once_and_only_of_who_said_yes(body: Organisation, manager: Visitor) -> None:
    session = make_session(organiser=body)
    soon = timezone.localdate() + timedelta(days=2)

    def put(name: str, state: str, **more: Any) -> None:
        Speaker.objects.create(
            session=session, name=name, state=state, email=f"{name}@example.org", seed=name, **more
        )

    put("yes", "accepted", slides_due=soon)
    put("asked", "invited", slides_due=soon)
    put("done", "accepted", slides_due=soon, slides="https://example.org")
    put("later", "accepted", slides_due=soon + timedelta(days=30))

    assert (speaking.remind(), speaking.remind()) == (1, 0)
    assert [mail.to for mail in Outbox.objects.all()] == ["yes@example.org"]


# Invited people.


def test_an_invited_person_finds_the_session_by_the_mail_and_loses_it_when_taken_back(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    session = make_session(organiser=body, audience="invited")
    browser = signed_in(client, manager)
    where = f"/sessions/{session.code}/edit/invited/"

    bad = browser.post(where, {"emails": "ana@example.org\nnot an address", "language": "el"})
    browser.post(where, {"emails": "Ana@example.org\nana@example.org", "language": "el"})
    person = session.invitations.get().person
    mail = Outbox.objects.get(to="ana@example.org")
    own = Client()
    come_in(own, person)

    assert bad.status_code == 422
    assert f"/el/sessions/{session.code}/" in mail.text
    assert own.get(session.get_absolute_url()).status_code == 200
    assert "ana@example.org" in browser.get(where).content.decode()
    browser.post(where, {"take_back": session.invitations.get().pk})
    assert own.get(session.get_absolute_url()).status_code == 404


# Material.


def test_a_recording_is_published_only_after_its_captions(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    session = make_session(organiser=body)
    browser = signed_in(client, manager)
    where = f"/sessions/{session.code}/edit/material/"
    browser.post(
        where, {"kind": "recording", "title": "Film", "url": "https://example.org/f", "language": ""}
    )
    film = session.material.get()

    refused = browser.post(f"{where}{film.pk}/publish/", {"published": "yes"})
    browser.post(
        where, {"kind": "captions", "title": "Captions", "url": "https://example.org/c", "language": "en"}
    )
    captions = session.material.get(kind="captions")
    browser.post(f"{where}{captions.pk}/publish/", {"published": "yes"})
    allowed = browser.post(f"{where}{film.pk}/publish/", {"published": "yes"})
    film.refresh_from_db()

    assert (refused.status_code, allowed.status_code, film.published) == (422, 302, True)
    assert "once its captions are" in refused.content.decode()
    browser.post(f"{where}{film.pk}/remove/")
    assert not Material.objects.filter(pk=film.pk).exists()


def test_every_page_of_hosts_opens(client: Client, body: Organisation, manager: Visitor) -> None:
    session = make_session(organiser=body, published=False)
    browser = signed_in(client, manager)

    for where in (
        "edit/",
        "edit/parts/",
        "edit/speakers/",
        "edit/material/",
        "move/",
        "cancel/",
        "delete/",
        "",
    ):
        assert browser.get(f"/sessions/{session.code}/{where}").status_code == 200
    for where in ("new/", "mine/", "mine/calendar/"):
        assert browser.get(f"/sessions/{where}").status_code == 200
    assert browser.post("/sessions/mine/calendar/").status_code == 200


def test_a_code_is_free_and_made_from_day_and_format() -> None:
    moment = Moment(date(2027, 3, 9), time(9), "Europe/Rome")

    codes = {writing.new_code(moment, "workshop") for _number in range(20)}

    assert all(re.fullmatch(r"09WORK27\d{3}", code) for code in codes)
