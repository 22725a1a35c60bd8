"""The pages of a space: everybody reads an open one, nobody learns of a closed one, members talk; each deed once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from koinon.spaces.actions import pacing, talking
from koinon.spaces.models import Date, File, Member, Post, Space, Thread
from koinon.spaces.testing import (
    make_date,
    make_file,
    make_host,
    make_invitation,
    make_member,
    make_post,
    make_space,
    make_thread,
    visitor_of,
)

pytestmark = pytest.mark.django_db


def browser(person: Person | None = None) -> Client:
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    return come_in(client, person, how="mfa", proved=True) if person is not None else client


def page(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(f"spaces:{name}", args=args))
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def test_a_space_goes_from_a_proposal_to_words_that_everybody_reads() -> None:
    body = make_organisation("Centre of Gent")
    editor, manager, reader = make_person(name="Lotte"), make_person(name="Piet"), make_person(name="Carla")
    for person, kind in ((editor, Role.Kind.EDITOR), (manager, Role.Kind.MANAGER)):
        Role.objects.create(person=person, kind=kind, organisation=body)

    sent = {
        "body": body.pk,
        "name": "Small towns",
        "purpose": "For small towns.",
        "is_closed": "no",
        "topics": "homelessness",
        "language": "en",
        "languages": "en",
        "nonce": "12345678",
    }
    for _twice in range(2):
        proposed = browser(editor).post(reverse("spaces:new"), sent)
        assert proposed.status_code == 302
    space = Space.objects.get()
    assert browser().get(space.get_absolute_url()).status_code == 404
    assert browser(editor).post(reverse("spaces:open", args=[space.code])).status_code == 403
    assert browser(manager).post(reverse("spaces:open", args=[space.code])).status_code == 302
    assert {(m.name, m.is_host) for m in Member.objects.all()} == {("Lotte", True), ("Piet", True)}

    client = browser(reader)
    assert "Small towns" in page(browser(), "list")
    assert "Sign in to join" in page(browser(), "space", space.code)
    assert (
        client.post(reverse("spaces:join", args=[space.code]), {"name": "Carla of Bologna"}).status_code
        == 302
    )
    said = {"title": "Which landlord?", "text": "Whom did you ask first, the city?", "nonce": "abcdefgh"}
    for _twice in range(2):
        client.post(reverse("spaces:begin", args=[space.code]), said)
    thread, post = Thread.objects.get(), Post.objects.get()

    anybody = page(browser(), "thread", space.code, thread.code)
    assert "Whom did you ask first, the city?" in anybody
    assert "Carla of Bologna" in anybody
    assert reader.email not in anybody
    assert 'lang="en" dir="auto"' in anybody
    assert post.language == "en"
    assert f'href="{space.get_absolute_url()}"' in browser().get(body.get_absolute_url()).content.decode()


def test_a_closed_space_is_the_404_of_what_is_not_there_in_every_address() -> None:
    space = make_space(is_closed=True, name="Kanariengesang")
    host = make_host(space)
    thread = make_thread(space)
    post = make_post(thread, host)
    file, date = make_file(space, host.person), make_date(space, host.person)
    manager = make_person()
    Role.objects.create(person=manager, kind=Role.Kind.MANAGER, organisation=space.organisation)
    names: dict[str, list[object]] = {
        "space": [], "members": [], "me": [], "leave": [], "begin": [], "end": [], "edit": [],
        "thread": [thread.code], "close": [thread.code], "change": [post.pk], "withdraw": [post.pk],
        "file": [file.code], "withdraw_file": [file.code], "add_files": [], "add_date": [], "add_session": [],
        "calendar": [], "date_calendar": [date.code], "change_date": [date.code], "cancel_date": [date.code],
        "feed": ["atom"],
    }  # fmt: skip

    for person in (manager, make_person()):
        client = browser(person)
        for name, more in names.items():
            address = reverse(f"spaces:{name}", args=[space.code, *more])
            assert client.get(address).status_code == 404, name
        assert client.get(reverse("spaces:post", args=[post.pk])).status_code == 404
        assert "Kanariengesang" not in page(client, "list")
    for form in ("json", "csv", "atom", "feed.json"):
        assert "Kanariengesang" not in browser().get("/spaces/", {"format": form}).content.decode()
    assert browser().get("/api/v1/spaces").json() == {"count": 0, "items": []}
    mine = browser(host.person)
    assert "Kanariengesang" in page(mine, "space", space.code)
    for name in ("members", "me", "leave", "begin", "end", "edit", "add_files", "add_date", "add_session"):
        page(mine, name, space.code)
    page(mine, "thread", space.code, thread.code)
    page(mine, "change", space.code, post.pk)
    page(mine, "withdraw", space.code, post.pk)
    page(mine, "close", space.code, thread.code)
    page(mine, "withdraw_file", space.code, file.code)
    page(mine, "change_date", space.code, date.code)
    page(mine, "cancel_date", space.code, date.code)


def test_whoever_has_the_door_asks_and_a_host_decides() -> None:
    space = make_space(is_closed=True)
    host, asking = make_host(space), make_person()
    client = browser(asking)
    page(client, "door", space.door)

    client.post(reverse("spaces:door", args=[space.door]), {"name": "Mara", "words": "I work on this."})
    row = Member.objects.get(person=asking)
    assert row.state == Member.State.ASKED
    assert client.get(space.get_absolute_url()).status_code == 404
    assert "Mara" in page(browser(host.person), "members", space.code)
    browser(host.person).post(reverse("spaces:decide", args=[space.code, row.pk]), {"say": "yes"})

    page(client, "space", space.code)
    assert browser(make_person()).get(reverse("spaces:door", args=["a" * 28])).status_code == 404


def test_who_is_not_let_in_reads_so_at_the_door_and_when_to_ask_again() -> None:
    space = make_space(is_closed=True)
    host, asking = make_host(space), make_person()
    client, address = browser(asking), reverse("spaces:door", args=[space.door])
    client.post(address, {"name": "Mara", "words": "I work on this."})
    row = Member.objects.get(person=asking)
    decide = reverse("spaces:decide", args=[space.code, row.pk])
    long = browser(host.person).post(decide, {"say": "no", "because": "x" * 301})
    assert (long.status_code, "x" * 301 in long.content.decode()) == (422, True)

    browser(host.person).post(decide, {"say": "no", "because": "We are full of towns."})

    shown = page(client, "door", space.door)
    assert "You have asked." not in shown
    assert "Its hosts did not let you in." in shown
    assert "We are full of towns." in shown
    assert "You can ask again from" in shown
    assert 'name="words"' not in shown
    assert "We are full of towns." in page(browser(host.person), "members", space.code)
    Member.objects.filter(pk=row.pk).update(joined_at=timezone.now() - timedelta(days=31))
    assert 'name="words"' in page(client, "door", space.door)
    client.post(address, {"name": "Mara", "words": "Again."})
    assert "You have asked." in page(client, "door", space.door)
    Member.objects.filter(pk=row.pk).update(
        state=Member.State.REFUSED, refusals=3, joined_at=timezone.now() - timedelta(days=400)
    )
    assert "You cannot ask here again" in page(client, "door", space.door)


def test_who_was_shown_out_of_a_closed_space_reads_so_at_its_door() -> None:
    space = make_space(is_closed=True)
    ana = make_member(space, state=Member.State.REMOVED, removed_because="Advertising.")

    shown = page(browser(ana.person), "door", space.door)

    assert "A host has shown you out of this space." in shown
    assert "Advertising." in shown
    assert 'name="words"' not in shown


def test_an_invitation_lets_one_person_in_once() -> None:
    space = make_space(is_closed=True)
    make_host(space)
    make_invitation(space, "the-code")
    first, second = browser(make_person()), browser(make_person())
    page(first, "invitation", "the-code")

    assert first.post(reverse("spaces:invitation", args=["the-code"]), {"name": "Mara"}).status_code == 302
    assert second.post(reverse("spaces:invitation", args=["the-code"]), {"name": "Ugo"}).status_code == 404

    assert space.members.filter(is_host=False).count() == 1


def test_nobody_speaks_under_the_name_of_another() -> None:
    space = make_space()
    make_host(space, name="Lotte van Gent")
    ana = make_member(space, name="Ana")
    make_invitation(space, "the-code")
    taken = {"name": "LOTTE VAN GÉNT", "mail": "each", "edits": "1"}

    for person, address in (
        (make_person(), reverse("spaces:join", args=[space.code])),
        (make_person(), reverse("spaces:invitation", args=["the-code"])),
        (ana.person, reverse("spaces:me", args=[space.code])),
    ):
        answer = browser(person).post(address, taken)
        assert answer.status_code == 409
        assert "Somebody here is called so already." in answer.content.decode()

    own = taken | {"name": "ANA"}
    assert browser(ana.person).post(reverse("spaces:me", args=[space.code]), own).status_code == 302
    assert sorted(space.members.values_list("name", flat=True)) == ["ANA", "Lotte van Gent"]


def test_two_windows_about_ones_own_name_lose_nothing() -> None:
    space = make_space()
    ana = make_member(space)
    client, address = browser(ana.person), reverse("spaces:me", args=[space.code])
    client.post(address, {"name": "Ana first", "mail": "each", "edits": "1"})

    answer = client.post(address, {"name": "Ana second", "mail": "daily", "edits": "1"})

    assert answer.status_code == 409
    assert "Ana first" in answer.content.decode()
    assert 'value="Ana second"' in answer.content.decode()
    assert client.post(address, {"name": "Ana second", "mail": "daily", "edits": "2"}).status_code == 302


def test_what_hosts_decide_is_done_once_and_said_where_it_is_not() -> None:
    space = make_space()
    host, ana = make_host(space), make_member(space)
    client = browser(host.person)
    out = reverse("spaces:show_out", args=[space.code, ana.pk])
    invite = reverse("spaces:invite", args=[space.code])

    assert [client.post(out, {"because": "Advertising."}).status_code for _twice in range(2)] == [302, 302]
    assert [client.post(invite, {"email": "new@example.eu"}).status_code for _twice in range(2)] == [302, 302]
    client.post(reverse("spaces:uninvite", args=[space.code, space.invitations.get().pk]))
    again = client.post(invite, {"email": "new@example.eu"})

    assert again.status_code == 409
    assert "Send the next one tomorrow." in again.content.decode()


def test_a_name_that_is_an_address_is_refused() -> None:
    space = make_space()
    answer = browser(make_person()).post(
        reverse("spaces:join", args=[space.code]), {"name": "ana@example.eu"}
    )

    assert answer.status_code == 422
    assert not space.members.exists()


def test_ones_own_words_are_changed_in_the_open_and_withdrawn_with_a_stone() -> None:
    space = make_space()
    ana = make_member(space)
    post = make_post(make_thread(space), ana, "We asked the city.")
    client = browser(ana.person)
    address = reverse("spaces:change", args=[space.code, post.pk])

    client.post(address, {"text": "We asked the county.", "language": "en", "edits": 1})
    stale = client.post(address, {"text": "We asked nobody.", "language": "en", "edits": 1})
    shown = page(browser(), "thread", space.code, post.thread.code)
    assert stale.status_code == 409
    assert "We asked nobody." in stale.content.decode()
    assert "We asked the county." in shown
    assert "We asked the city." in shown
    Post.objects.update(at=timezone.now() - timedelta(hours=25))
    late = client.post(address, {"text": "We asked nobody.", "language": "de", "edits": 2})
    assert late.status_code == 409
    assert "We asked nobody." in late.content.decode()
    assert client.post(address, {"language": "de", "edits": 2}).status_code == 302
    post.refresh_from_db()
    assert (post.text, post.language) == ("We asked the county.", "de")

    client.post(reverse("spaces:withdraw", args=[space.code, post.pk]))
    shown = page(browser(), "thread", space.code, post.thread.code)
    assert "We asked" not in shown
    assert "withdrawn" in shown


def test_ones_own_words_and_files_are_withdrawn_from_a_space_that_has_ended_too() -> None:
    space = make_space()
    ana, bo = make_member(space), make_member(space)
    post, file = make_post(make_thread(space), ana), make_file(space, ana.person)
    Space.objects.update(state=Space.State.ENDED, ended_at=timezone.now())
    addresses = [
        reverse("spaces:withdraw", args=[space.code, post.pk]),
        reverse("spaces:withdraw_file", args=[space.code, file.code]),
    ]
    assert addresses[0] in page(browser(ana.person), "thread", space.code, post.thread.code)
    assert addresses[1] in page(browser(ana.person), "space", space.code)

    others = [browser(bo.person).post(address).status_code for address in addresses]
    own = [browser(ana.person).post(address).status_code for address in addresses]

    assert (others, own) == ([403, 403], [302, 302])
    assert Post.objects.get().text == ""
    assert not File.objects.standing().exists()
    change = reverse("spaces:change", args=[space.code, post.pk])
    assert browser(ana.person).get(change).status_code == 403


def test_a_thread_whose_words_are_gone_shows_its_title_no_more() -> None:
    space = make_space()
    ana = make_member(space)
    thread = make_thread(space, title="Kanarientitel")
    post = make_post(thread, ana)
    assert "Kanarientitel" in page(browser(), "space", space.code)
    assert "Kanarientitel" in page(browser(), "thread", space.code, thread.code)

    talking.withdraw(post, by=visitor_of(ana))

    for shown in (page(browser(), "space", space.code), page(browser(), "thread", space.code, thread.code)):
        assert "Kanarientitel" not in shown
        assert "A thread whose words are gone" in shown


def test_who_began_a_thread_changes_its_title_and_what_stood_before_stays() -> None:
    space = make_space()
    ana, bo = make_member(space), make_member(space)
    thread = make_thread(space, title="Wich landlord")
    first, second = make_post(thread, ana), make_post(thread, bo)
    address = reverse("spaces:change", args=[space.code, first.pk])
    sent = {"title": "Which landlord", "text": first.text, "language": "en", "edits": 1}
    assert 'value="Wich landlord"' in browser(ana.person).get(address).content.decode()
    others = reverse("spaces:change", args=[space.code, second.pk])
    assert 'name="title"' not in browser(bo.person).get(others).content.decode()

    assert browser(bo.person).post(address, sent).status_code == 403
    assert browser(bo.person).post(others, sent | {"text": second.text}).status_code == 409
    browser(ana.person).post(address, sent)
    stale = browser(ana.person).post(address, sent | {"title": "Whose landlord"})

    shown = page(browser(), "thread", space.code, thread.code)
    assert '<h1 lang="en" dir="auto">Which landlord</h1>' in shown
    assert "Wich landlord" in shown
    assert stale.status_code == 409
    assert 'value="Whose landlord"' in stale.content.decode()
    Post.objects.update(at=timezone.now() - timedelta(hours=25))
    late = browser(ana.person).post(address, sent | {"title": "Whose landlord", "edits": 2})
    assert late.status_code == 409
    thread.refresh_from_db()
    assert thread.title == "Which landlord"


def test_a_title_that_is_taken_off_is_read_nowhere_until_it_is_put_back() -> None:
    from koinon.journal import fresh
    from koinon.spaces import found

    space = make_space()
    host, ana = make_host(space), make_member(space)
    thread = make_thread(space, title="Kanarientitel")
    post = make_post(thread, ana)
    off, back = (
        reverse(f"spaces:{name}_title_{end}", args=[space.code, thread.code])
        for name, end in (("take", "off"), ("give", "back"))
    )
    told = {source.name: source for source in fresh.sources}["talk"]

    def everywhere() -> list[str]:
        pages = [page(browser(), "space", space.code), page(browser(), "thread", space.code, thread.code)]
        feed = browser().get(reverse("spaces:feed", args=[space.code, "atom"])).content.decode()
        return [
            *pages,
            feed,
            str(list(told.load([str(thread.pk)]))),
            str(list(found.documents([space.code]))),
        ]

    assert [text.count("Kanarientitel") > 0 for text in everywhere()] == [True] * 5
    why = {"because": "It names somebody."}
    assert browser(ana.person).post(off, why).status_code == 403
    assert browser(ana.person).get(off).status_code == 403
    assert browser(host.person).post(off).status_code == 422
    assert "Kanarientitel" in browser(host.person).get(off).content.decode()
    for _twice in range(2):
        assert browser(host.person).post(off, why).status_code == 302

    assert not any("Kanarientitel" in text for text in everywhere())
    shown = page(browser(), "thread", space.code, thread.code)
    assert "A thread whose title was taken off" in shown
    assert "It names somebody." in shown
    assert "We asked the city." in shown
    change = reverse("spaces:change", args=[space.code, post.pk])
    assert 'name="title"' not in browser(ana.person).get(change).content.decode()
    assert browser(host.person).post(back).status_code == 302
    assert all("Kanarientitel" in text for text in everywhere())
    assert not any("It names somebody." in text for text in everywhere())


def test_a_title_goes_with_the_words_it_was_said_with_when_they_are_taken_off_after_a_notice() -> None:
    space = make_space()
    host, ana = make_host(space), make_member(space)
    thread = make_thread(space, title="Kanarientitel")
    post = make_post(thread, ana)
    make_post(thread, host, "What stays.")
    talking.remove_after_notice(post)

    talking.give_title_back(thread, by=visitor_of(host))

    shown = page(browser(), "thread", space.code, thread.code)
    assert "Kanarientitel" not in shown
    assert "What stays." in shown
    talking.restore_after_complaint(post)
    assert "Kanarientitel" in page(browser(), "thread", space.code, thread.code)


def test_a_closed_thread_takes_no_more_words_and_keeps_what_was_typed() -> None:
    space = make_space()
    host, ana = make_host(space), make_member(space)
    thread = make_thread(space)
    client = browser(ana.person)
    browser(host.person).post(
        reverse("spaces:close", args=[space.code, thread.code]), {"because": "Settled."}
    )

    answer = client.post(reverse("spaces:write", args=[space.code, thread.code]), {"text": "One more thing."})

    assert answer.status_code == 409
    assert "One more thing." in answer.content.decode()
    assert "Settled." in answer.content.decode()
    assert not Post.objects.exists()


def test_a_space_that_ended_meanwhile_keeps_what_was_typed() -> None:
    space = make_space()
    ana, stranger = make_member(space), make_person()
    thread = make_thread(space)
    Space.objects.update(state=Space.State.ENDED, ended_at=timezone.now())
    sent = {"title": "One more thing.", "text": "One more thing."}

    for name, more in (("write", [thread.code]), ("begin", []), ("add_date", [])):
        address = reverse(f"spaces:{name}", args=[space.code, *more])
        answer = browser(ana.person).post(address, sent)
        assert answer.status_code == 409
        assert "One more thing." in answer.content.decode()
        assert "This space has ended" in answer.content.decode()
        assert browser(stranger).post(address, sent).status_code == 403

    assert not Post.objects.exists()


def test_files_come_in_clean_go_out_as_downloads_and_are_withdrawn() -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    space = make_space()
    ana = make_member(space)
    client = browser(ana.person)
    address = reverse("spaces:add_files", args=[space.code])
    for name, content, status in (
        ("a.txt", b"Some words.", 302),
        ("b.html", b"<script>alert(1)</script>", 422),
    ):
        answer = client.post(address, {"files": SimpleUploadedFile(name, content), "words": "Ours."})
        assert answer.status_code == status
    file = File.objects.get()

    got = browser().get(file.get_absolute_url())

    assert got.content == b"Some words."
    assert got["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got["Content-Security-Policy"]
    client.post(reverse("spaces:withdraw_file", args=[space.code, file.code]))
    assert browser().get(file.get_absolute_url()).status_code == 404
    assert bytes(File.objects.get().content) == b""


def test_a_date_stands_by_the_clocks_of_its_zone_and_in_the_calendar_file() -> None:
    space = make_space()
    ana = make_member(space)
    client = browser(ana.person)
    sent = {
        "title": "A walk; through three flats", "day": "2027-07-02", "begins": "10:00", "minutes": 90,
        "zone": "Europe/Athens", "language": "en", "nonce": "12345678",
    }  # fmt: skip
    for _twice in range(2):
        client.post(reverse("spaces:add_date", args=[space.code]), sent)
    date = Date.objects.get()

    text = browser().get(reverse("spaces:date_calendar", args=[space.code, date.code])).content.decode()
    assert "DTSTART:20270702T070000Z" in text
    assert "DTEND:20270702T083000Z" in text
    assert "SUMMARY:A walk\\; through three flats" in text
    assert "10:00" in page(browser(), "space", space.code)
    sent |= {"begins": "11:00", "edits": "1"}
    change = reverse("spaces:change_date", args=[space.code, date.code])
    assert client.post(change, sent).status_code == 302
    assert client.post(change, sent).status_code == 409
    client.post(reverse("spaces:cancel_date", args=[space.code, date.code]), {"because": "Rain."})
    text = browser().get(reverse("spaces:calendar", args=[space.code])).content.decode()
    late = client.post(change, sent | {"words": "Bring shoes.", "edits": "3"})
    assert late.status_code == 409
    assert "This date was cancelled meanwhile" in late.content.decode()
    assert "Bring shoes." in late.content.decode()
    assert "STATUS:CANCELLED" in text
    assert "SEQUENCE:2" in text


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_the_same_however_many_there_are(many: int, django_assert_num_queries: object) -> None:
    for _ in range(many):
        make_thread(make_space())
    client = browser()
    client.get("/spaces/")

    with django_assert_num_queries(1):  # type: ignore[operator]
        client.get("/spaces/")


def test_filters_find_and_what_is_not_offered_is_refused() -> None:
    make_space(name="Here", topics=["youth"], languages=["de"])
    make_space(name="There")

    listed = browser().get("/spaces/", {"topic": "youth", "language": "de", "format": "json"}).json()["items"]
    assert [row["name"] for row in listed] == ["Here"]
    assert [row["name"] for row in browser().get("/api/v1/spaces?topic=youth").json()["items"]] == ["Here"]
    assert browser().get("/spaces/", {"language": "xx"}).status_code == 400
    assert browser().get("/spaces/", {"page": "7"}).status_code == 404
    assert "Nothing fits" in browser().get("/spaces/", {"q": "zzz"}).content.decode()


def test_a_feed_tells_what_was_said_last() -> None:
    space = make_space()
    post = make_post(make_thread(space))

    for ending in ("atom", "json"):
        got = browser().get(reverse("spaces:feed", args=[space.code, ending]))
        assert post.text in got.content.decode()
    assert browser().get(reverse("spaces:feed", args=[space.code, "rss"])).status_code == 404


def test_two_who_change_a_space_at_once_lose_no_word() -> None:
    space = make_space()
    host = make_host(space)
    client = browser(host.person)
    sent = {"name": "Mine", "purpose": "For us.", "language": "en", "edits": 1}
    address = reverse("spaces:edit", args=[space.code])
    client.post(address, sent | {"name": "Theirs"})

    answer = client.post(address, sent)

    assert answer.status_code == 409
    assert "Theirs" in answer.content.decode()
    assert "Mine" in answer.content.decode()
    space.refresh_from_db()
    assert space.name == "Theirs"


def test_who_adds_too_fast_waits_and_the_words_stay_in_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    monkeypatch.setattr(pacing, "MOST", 2)
    space = make_space()
    ana = make_member(space)
    thread = talking.begin(space, by=visitor_of(ana), title="One", text="First words.", language="en")
    talking.write(thread, by=visitor_of(ana), text="Second words.", language="en")
    client = browser(ana.person)
    day = {
        "title": "Third",
        "day": "2027-07-02",
        "begins": "10:00",
        "minutes": 90,
        "zone": "Europe/Athens",
        "language": "en",
    }
    sent: dict[str, dict[str, object]] = {
        reverse("spaces:write", args=[space.code, thread.code]): {"text": "Third words."},
        reverse("spaces:begin", args=[space.code]): {"title": "Two", "text": "Third words."},
        reverse("spaces:add_date", args=[space.code]): day,
        reverse("spaces:add_files", args=[space.code]): {
            "words": "Third of all.",
            "files": SimpleUploadedFile("a.txt", b"Some words."),
        },
    }

    for address, fields in sent.items():
        answer = client.post(address, fields)
        assert answer.status_code == 429, address
        assert answer["Retry-After"] == "600"
        assert "within the hour" in answer.content.decode()
        assert "Third" in answer.content.decode()

    assert (Post.objects.count(), Date.objects.count(), File.objects.count()) == (2, 0, 0)
    monkeypatch.setattr(pacing, "WITHIN", timedelta(0))
    assert (
        client.post(reverse("spaces:write", args=[space.code, thread.code]), {"text": "Later."}).status_code
        == 302
    )
