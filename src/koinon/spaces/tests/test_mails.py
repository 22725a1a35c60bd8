"""Mail first: each post or once a day, replies into the thread, one click to stop; nothing twice, nothing missed, no address seen."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.agenda.testing import make_session
from koinon.base.when import Moment
from koinon.mail import incoming
from koinon.mail.letters import Dropped, Refused
from koinon.mail.models import Outbox
from koinon.mail.testing import MAIL_IN, make_raw
from koinon.people.testing import make_person
from koinon.spaces import telling
from koinon.spaces.actions import digesting, joining, keeping, pacing, talking, things
from koinon.spaces.models import Date, Member, Post, Space, Thread, talk
from koinon.spaces.rhythm import next_morning
from koinon.spaces.testing import (
    make_date,
    make_host,
    make_invitation,
    make_member,
    make_space,
    visitor_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]
Mail = Member.Mail


@pytest.fixture(autouse=True)
def takes_mail(settings: object) -> None:
    settings.MAIL_IN = MAIL_IN  # type: ignore[attr-defined]


@pytest.fixture
def space() -> Space:
    return make_space()


def begin(member: Member, text: str = "Whom did you ask first?", title: str = "Which landlord?") -> Thread:
    return talking.begin(
        member.space, by=visitor_of(member), title=title, text=text, language="en", nonce="n1"
    )


def to(member: Member) -> list[Outbox]:
    return list(Outbox.objects.filter(to=member.person.email).order_by("pk"))


def due(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(digest_at=timezone.now() - timedelta(minutes=1))


def test_who_wants_each_post_gets_it_with_the_address_of_the_thread_and_the_stop(space: Space) -> None:
    ana, bo, cy = make_member(space), make_member(space, name="Bo"), make_member(space, mail=Mail.NONE)

    thread = begin(ana)

    (mail,) = to(bo)
    assert (to(ana), to(cy)) == ([], [])
    assert "Whom did you ask first?" in mail.text
    assert mail.subject == "Which landlord?"
    assert mail.reply_to == telling.address_for(thread, bo)
    assert telling.stop_code(bo) in mail.text
    assert telling.stop_code(bo) in mail.headers["List-Unsubscribe"]
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert ana.person.email not in mail.text + mail.subject + str(mail.headers) + mail.reply_to


def test_mails_of_one_thread_stay_together(space: Space) -> None:
    ana, bo = make_member(space), make_member(space)
    thread = begin(ana)

    talking.write(thread, by=visitor_of(ana), text="Or the bank?", language="en")

    first, second = to(bo)
    assert second.in_reply_to == first.message_id
    assert second.subject == "Re: Which landlord?"


def test_the_mail_of_a_post_leads_to_the_page_that_holds_it(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk, "POSTS_A_PAGE", 2)
    ana, bo = make_member(space), make_member(space)
    thread = begin(ana)

    said = [
        talking.write(thread, by=visitor_of(ana), text=text, language="en") for text in ("Two.", "Three.")
    ]

    assert f"/threads/{thread.code}/#p{said[0].pk}" in to(bo)[1].text
    assert f"/threads/{thread.code}/?page=2#p{said[1].pk}" in to(bo)[2].text


def test_the_same_form_sent_twice_is_one_post_and_one_mail(space: Space) -> None:
    ana, bo = make_member(space), make_member(space)
    thread = begin(ana)
    begin(ana)
    for _twice in range(2):
        talking.write(thread, by=visitor_of(ana), text="Or the bank?", language="en", nonce="12345678")

    assert Thread.objects.count() == 1
    assert Post.objects.count() == 2
    assert len(to(bo)) == 2


def test_a_reply_by_mail_stands_in_the_thread_under_the_chosen_name_once(space: Space) -> None:
    ana, bo = make_member(space), make_member(space, name="Bo of the south")
    thread = begin(ana)
    raw = make_raw(
        "The city, of course.\n\nOn 3 May 2027, Ana wrote:\n> Whom did you ask first?\n",
        to=telling.address_for(thread, bo) or "",
        sender=f"Bo <{bo.person.email.upper()}>",
    )

    said = [incoming.receive(raw) for _twice in range(2)]

    assert said == ["The mail was taken.", "The mail came before; nothing was done again."]
    post = Post.objects.get(by_mail=True)
    assert (post.text, post.name, post.thread) == ("The city, of course.", "Bo of the south", thread)
    assert "The city, of course." in to(ana)[0].text
    assert to(bo)[1:] == []


def test_a_letter_that_quotes_our_mail_shows_nobody_its_addresses_and_its_stop(space: Space) -> None:
    bo = make_member(space)
    thread = begin(make_member(space))
    address = telling.address_for(thread, bo) or ""
    stop = f"https://koinon.example/spaces/stop/{telling.stop_code(bo)}/"

    incoming.receive(
        make_raw(f"I write to {address}, and to stop: {stop}", to=address, sender=bo.person.email)
    )

    text = Post.objects.get(by_mail=True).text
    assert text.startswith("I write to ")
    assert telling.token_of(thread, bo.pk) not in text
    assert telling.stop_code(bo) not in text


def test_a_mail_to_the_space_begins_a_thread_with_its_subject(space: Space) -> None:
    bo = make_member(space)

    incoming.receive(make_raw("Who comes?", to=telling.address_for(space, bo) or "", sender=bo.person.email))

    assert Thread.objects.get().title == "your question"
    assert Post.objects.get().text == "Who comes?"


def test_letters_of_others_of_machines_and_of_who_left_add_nothing(space: Space) -> None:
    ana, bo = make_member(space), make_member(space)
    thread = begin(ana)
    address = telling.address_for(thread, bo) or ""

    with pytest.raises(Refused):
        incoming.receive(make_raw(to=address, sender=ana.person.email))
    with pytest.raises(Dropped):
        incoming.receive(make_raw(to=address, sender=bo.person.email, head="Auto-Submitted: auto-replied\n"))
    with pytest.raises(Refused):
        incoming.receive(make_raw("x" * 9000, to=address, sender=bo.person.email))
    wrong = re.sub(r"-[0-9a-f]{20}@", f"-{'0' * 20}@", address)
    with pytest.raises(Refused):
        incoming.receive(make_raw(to=wrong, sender=bo.person.email))
    talking.close(thread, by=visitor_of(make_host(space)), because="Settled.")
    with pytest.raises(Refused, match="closed"):
        incoming.receive(make_raw(to=address, sender=bo.person.email, message_id="<2@example.eu>"))
    joining.leave(space, by=visitor_of(bo))
    with pytest.raises(Refused, match="no longer belong"):
        incoming.receive(make_raw(to=address, sender=bo.person.email, message_id="<3@example.eu>"))

    assert Post.objects.count() == 1


def test_a_letter_too_many_within_the_hour_is_refused_in_plain_words(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "MOST", 1)
    ana, bo = make_member(space), make_member(space)
    address = telling.address_for(begin(ana), bo) or ""
    incoming.receive(make_raw("The city.", to=address, sender=bo.person.email))

    with pytest.raises(Refused, match="within the hour"):
        incoming.receive(
            make_raw("The bank.", to=address, sender=bo.person.email, message_id="<2@example.eu>")
        )

    assert Post.objects.filter(person=bo.person).count() == 1


def test_once_a_day_comes_what_is_new_in_one_mail_and_nothing_is_no_mail(space: Space) -> None:
    ana, bo = make_member(space, mail=Mail.NONE), make_member(space, mail=Mail.DAILY)
    thread = begin(ana)
    talking.write(thread, by=visitor_of(bo), text="My own words.", language="en")
    other = talking.begin(space, by=visitor_of(ana), title="Forms", text="Eleven questions.", language="en")
    make_date(space, ana.person)
    due(bo)

    assert digesting.run() == 1
    due(bo)
    assert digesting.run() == 0

    (mail,) = to(bo)
    assert "Whom did you ask first?" in mail.text
    assert "Eleven questions." in mail.text
    assert "A walk through three flats" in mail.text
    assert "My own words." not in mail.text
    assert (telling.address_for(thread, bo) or "?") in mail.text
    assert (telling.address_for(other, bo) or "?") in mail.text
    assert mail.reply_to == telling.address_for(space, bo)


def test_a_day_with_one_thread_has_its_address_to_reply_to(space: Space) -> None:
    ana, bo = make_member(space), make_member(space, mail=Mail.DAILY)
    thread = begin(ana)
    due(bo)

    digesting.run()

    assert to(bo)[0].reply_to == telling.address_for(thread, bo)


def test_a_digest_that_dies_in_the_middle_tells_nothing_twice_and_misses_nothing(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = make_member(space)
    waiting = [make_member(space, mail=Mail.DAILY) for _ in range(3)]
    begin(ana)
    for member in waiting:
        due(member)
    calls: list[object] = []

    def dies(now: datetime) -> datetime:
        calls.append(now)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return next_morning(now)

    monkeypatch.setattr(digesting, "next_morning", dies)
    digesting.run()
    assert sorted(len(to(member)) for member in waiting) == [0, 1, 1]
    digesting.run()

    assert [len(to(member)) for member in waiting] == [1, 1, 1]


def test_who_goes_from_daily_to_each_gets_what_waited_at_once(space: Space) -> None:
    ana, bo = make_member(space), make_member(space, mail=Mail.DAILY)
    thread = begin(ana)

    joining.keep(space, by=visitor_of(bo), name="Bo", mail=Mail.EACH, edits=1)
    talking.write(thread, by=visitor_of(ana), text="Or the bank?", language="en")
    due(bo)
    digesting.run()

    waited, each = to(bo)
    assert "Whom did you ask first?" in waited.text
    assert "Or the bank?" in each.text


def test_one_click_stops_and_a_look_does_not(space: Space) -> None:
    ana, bo = make_member(space), make_member(space)
    address = reverse("spaces:stop", args=[telling.stop_code(bo)])

    assert Client().get(address).status_code == 200
    bo.refresh_from_db()
    assert bo.mail == Mail.EACH
    for _twice in range(2):
        assert (
            Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"}).status_code
            == 200
        )
    begin(ana)

    assert to(bo) == []
    assert Client().post(reverse("spaces:stop", args=[f"{bo.pk}-{'0' * 32}"])).status_code == 404


def test_words_that_were_withdrawn_do_not_go_out_any_more(space: Space) -> None:
    ana, bo, cy = make_member(space), make_member(space), make_member(space, mail=Mail.DAILY)
    begin(ana)

    talking.withdraw(Post.objects.get(), by=visitor_of(ana))
    due(cy)
    digesting.run()

    assert (to(bo), to(cy)) == ([], [])


def test_words_that_were_withdrawn_go_from_the_daily_mail_that_waits(space: Space) -> None:
    ana, cy = make_member(space), make_member(space, mail=Mail.DAILY)
    thread = begin(ana, "Mean words.")
    talking.write(thread, by=visitor_of(ana), text="Kind words.", language="en")
    due(cy)
    digesting.run()
    assert "Mean words." in to(cy)[0].text

    talking.withdraw(Post.objects.get(text="Mean words."), by=visitor_of(ana))

    (mail,) = to(cy)
    assert "Mean words." not in mail.text
    assert "Kind words." in mail.text


def test_dates_that_are_set_moved_and_cancelled_are_told(space: Space) -> None:
    ana, bo = make_member(space), make_member(space)
    date = make_date(space, ana.person)
    told = things.Appointment(
        title=date.title,
        moment=Moment(date.wall_day + timedelta(days=1), date.local_start.time(), "Europe/Athens"),
    )

    things.change_date(date, told, by=visitor_of(ana), edits=1)
    things.cancel_date(date, by=visitor_of(ana), because="Rain.")

    moved, cancelled = to(bo)
    assert moved.subject.startswith("Changed:")
    assert "Europe/Athens" in moved.text
    assert "Rain." in cancelled.text


def test_a_session_that_was_cancelled_here_and_is_brought_in_again_is_told_again(space: Space) -> None:
    ana, bo = make_member(space), make_member(space)
    by, told = visitor_of(ana), things.Appointment(session=make_session(title="An hour"))

    date = things.set_date(space, told, by=by)
    things.cancel_date(date, by=by, because="Rain.")
    for _twice in range(2):
        things.set_date(space, told, by=by)

    assert [mail.subject for mail in to(bo)] == ["A date: An hour", "Cancelled: An hour", "A date: An hour"]
    assert not Date.objects.get().is_off


def test_without_incoming_mail_there_is_no_address_and_the_rest_works(space: Space, settings: object) -> None:
    settings.MAIL_IN = ""  # type: ignore[attr-defined]
    ana, bo = make_member(space), make_member(space)

    begin(ana)

    assert to(bo)[0].reply_to == ""
    assert "Reply to this mail" not in to(bo)[0].text


def test_an_invitation_goes_once_a_day_and_its_code_is_not_kept() -> None:
    space = make_space(is_closed=True)
    host = visitor_of(make_host(space))
    for _twice in range(2):
        joining.invite(space, by=host, email="New@Example.eu")

    joining.take_back(space, by=host, invitation=space.invitations.get().pk)
    with pytest.raises(joining.OnceADay):
        joining.invite(space, by=host, email="new@example.eu")

    (mail,) = Outbox.objects.filter(to="new@example.eu")
    code = re.search(r"/invitation/([a-z0-9]{28})/", mail.text)
    assert code is not None
    assert code[1] not in str(list(space.invitations.values()))
    assert space.invitations.get().code_hash == joining.hash_of(code[1])


def test_taking_invitations_back_makes_no_room_for_a_flood(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "MOST_INVITATIONS", 2)
    host = visitor_of(make_host(space))
    for email in ("one@example.eu", "two@example.eu"):
        joining.invite(space, by=host, email=email)
        joining.take_back(space, by=host, invitation=space.invitations.get(email=email).pk)

    with pytest.raises(joining.Full):
        joining.invite(space, by=host, email="three@example.eu")

    assert Outbox.objects.count() == 2


def test_hosts_hear_who_asks_and_whoever_asked_hears_the_answer() -> None:
    space = make_space(is_closed=True)
    host, person = make_host(space, mail=Mail.NONE), make_person()
    from koinon.network.visitor import visitor_for

    asking = joining.knock(space, by=visitor_for(person), door=space.door, name="Mara", words="")
    joining.decide(space, by=visitor_of(host), member=asking.pk, let_in=False)

    assert [mail.subject for mail in to(host)] == [f"Somebody would like to join “{space.name}”"]
    assert "did not let you in" in Outbox.objects.get(to=person.email).subject
    again = joining.knock(space, by=visitor_for(person), door=space.door, name="Mara", words="")
    assert again.state == Member.State.REFUSED
    assert len(to(host)) == 1


def test_who_was_not_let_in_hears_the_hosts_words_and_asks_again_after_a_month_three_times_in_all() -> None:
    from koinon.network.visitor import visitor_for
    from koinon.spaces.models.members import ASKS_AGAIN_AFTER

    space = make_space(is_closed=True)
    host, person = make_host(space, mail=Mail.NONE), make_person()
    for times in (1, 2, 3, 4):
        Member.objects.filter(person=person).update(joined_at=timezone.now() - ASKS_AGAIN_AFTER)
        row = joining.knock(space, by=visitor_for(person), door=space.door, name="Mara", words="Please.")
        if times < 4:
            assert (row.state, row.words, row.removed_because) == (Member.State.ASKED, "Please.", "")
            joining.decide(
                space, by=visitor_of(host), member=row.pk, let_in=False, because=f"Not yet, {times}."
            )
            soon = joining.knock(space, by=visitor_for(person), door=space.door, name="Mara", words="")
            assert soon.state == Member.State.REFUSED

    assert row.state == Member.State.REFUSED
    assert len(to(host)) == 3
    told = [mail.text for mail in to(Member.objects.get(person=person))]
    assert [f"Not yet, {times}." in text for times, text in enumerate(told, 1)] == [True] * 3
    assert ["You can ask again from" in text for text in told] == [True, True, False]


def test_an_invitation_to_another_lets_nobody_in_whom_the_hosts_did_not_let_in() -> None:
    from koinon.network.visitor import visitor_for

    space, person = make_space(is_closed=True), make_person()
    make_member(space, person, state=Member.State.REFUSED, refusals=1)

    with pytest.raises(joining.NotLetIn):
        joining.accept(make_invitation(space, "theirs"), by=visitor_for(person), name="Mara")
    joining.accept(make_invitation(space, "own", email=person.email), by=visitor_for(person), name="Mara")

    assert Member.objects.get(person=person).state == Member.State.MEMBER


def test_whoever_still_waits_hears_that_a_space_has_ended() -> None:
    from koinon.network.visitor import visitor_for

    space, person = make_space(is_closed=True), make_person()
    host = make_host(space)
    joining.knock(space, by=visitor_for(person), door=space.door, name="Mara", words="")

    keeping.end(space, by=visitor_of(host), because="Settled.")

    assert "did not let you in" in Outbox.objects.get(to=person.email).subject
    assert list(Member.objects.values_list("pk", flat=True)) == [host.pk]


def test_who_is_shown_out_reads_why_and_stays_out() -> None:
    space = make_space()
    host, ana = make_host(space), make_member(space)

    joining.show_out(space, by=visitor_of(host), member=ana.pk, because="Advertising, three times.")

    assert "Advertising, three times." in to(ana)[0].text
    with pytest.raises(joining.ShownOut):
        joining.join(space, by=visitor_of(ana), name="Ana again")
    begin(host)
    assert len(to(ana)) == 1


@pytest.mark.parametrize("is_closed", [False, True])
def test_whose_title_is_taken_off_and_put_back_reads_why_and_where_to_complain(is_closed: bool) -> None:
    space = make_space(is_closed=is_closed)
    host, ana, bo = make_host(space), make_member(space, mail=Mail.NONE), make_member(space, mail=Mail.NONE)
    thread = begin(ana, title="Whose landlord?")
    talking.write(thread, by=visitor_of(bo), text="Mine.", language="en")

    for _twice in range(2):
        talking.take_title_off(thread, by=visitor_of(host), because="It names somebody.")
    for _twice in range(2):
        talking.give_title_back(thread, by=visitor_of(host))

    off, back = to(ana)
    assert "was taken off" in off.subject
    for words in ("Whose landlord?", "It names somebody.", thread.get_absolute_url(), "/notices/new/"):
        assert words in off.text
    assert "was put back" in back.subject
    assert "Whose landlord?" in back.text
    assert to(bo) == []


def test_who_is_gone_and_who_did_it_is_told_of_no_title(space: Space) -> None:
    host, ana = make_host(space, mail=Mail.NONE), make_member(space, mail=Mail.NONE)
    own, gone = begin(host), begin(ana)
    Post.objects.filter(thread=gone).update(person=None)

    for thread in (own, gone):
        talking.take_title_off(thread, by=visitor_of(host), because="Twice.")

    assert not Outbox.objects.exists()


def test_who_left_a_closed_space_hears_of_the_title_without_a_link_that_leads_nowhere() -> None:
    space = make_space(is_closed=True)
    host, ana = make_host(space), make_member(space, mail=Mail.NONE)
    thread = begin(ana)
    joining.leave(space, by=visitor_of(ana))

    talking.take_title_off(thread, by=visitor_of(host), because="It names somebody.")

    (told,) = to(ana)
    assert "It names somebody." in told.text
    assert thread.code not in told.text
