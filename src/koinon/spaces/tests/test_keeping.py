"""Who looks after a space, who leaves it, what is reported, what a person takes along and leaves behind."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.utils import timezone

from koinon.agenda import hooks
from koinon.agenda.models import Session
from koinon.base.uploads import Clean
from koinon.journal import fresh
from koinon.journal.models import Entry, Version
from koinon.mail.models import Outbox
from koinon.network.models import Role
from koinon.network.testing import make_visitor
from koinon.network.visitor import visitor_for
from koinon.notices import subjects
from koinon.people import mine
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from koinon.spaces import found
from koinon.spaces.actions import digesting, joining, keeping, leaving, talking, things
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

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]


def version() -> int:
    return Version.objects.values_list("number", flat=True).first() or 0


def test_the_last_host_names_another_before_going() -> None:
    space = make_space()
    host, ana = make_host(space), make_member(space)
    with pytest.raises(joining.LastHost):
        joining.leave(space, by=visitor_of(host))
    with pytest.raises(joining.LastHost):
        joining.step_back(space, by=visitor_of(host))

    joining.name_host(space, by=visitor_of(host), member=ana.pk)
    joining.leave(space, by=visitor_of(host))

    assert [row.pk for row in Member.objects.all()] == [ana.pk]


def test_the_last_one_who_leaves_ends_it() -> None:
    space = make_space()
    joining.leave(space, by=visitor_of(make_host(space)))

    space.refresh_from_db()
    assert space.state == Space.State.ENDED


def test_hosts_do_not_show_each_other_out_and_members_show_out_nobody() -> None:
    space = make_space()
    one, two, ana = make_host(space), make_host(space), make_member(space)

    with pytest.raises(PermissionDenied):
        joining.show_out(space, by=visitor_of(one), member=two.pk, because="No.")
    with pytest.raises(Http404):
        joining.show_out(space, by=visitor_of(ana), member=one.pk, because="No.")
    assert Member.objects.belonging().count() == 3


def test_where_the_last_host_is_locked_out_who_belongs_longest_looks_after_it_once() -> None:
    space, other = make_space(is_closed=True), make_space()
    host, ana, bo = make_host(space), make_member(space), make_member(space)
    Member.objects.filter(pk=bo.pk).update(joined_at=timezone.now() - timedelta(days=9))
    make_host(other)
    make_member(other)
    alone = make_host(make_space())
    Person.objects.filter(pk__in=[host.person_id, alone.person_id]).update(is_active=False)

    assert [leaving.fill_in(), leaving.fill_in()] == [1, 0]

    hosts = Member.objects.hosts()
    assert [row.pk for row in hosts.filter(space=space)] == [bo.pk]
    assert hosts.filter(space=other).count() == 1
    assert Outbox.objects.get().to == bo.person.email
    assert not ana.is_host
    Person.objects.update(is_active=True)
    assert hosts.filter(space=space).count() == 2


def test_a_space_of_an_erased_host_waits_for_a_member_who_is_locked_out() -> None:
    space = make_space()
    host, ana = make_host(space), make_member(space)
    Person.objects.filter(pk=ana.person_id).update(is_active=False)

    leaving.let_go(host.person)
    Person.objects.update(is_active=True)

    assert leaving.fill_in() == 1
    space.refresh_from_db()
    assert space.is_running


def test_the_journal_holds_no_code_of_a_closed_space() -> None:
    space = make_space(is_closed=True)
    host = make_host(space)
    thread = talking.begin(space, by=visitor_of(host), title="One", text="Words.", language="en")
    date = make_date(space, host.person)
    things.cancel_date(date, by=visitor_of(host), because="Rain.")
    talking.close(thread, by=visitor_of(host), because="Settled.")
    keeping.renew_door(space, by=visitor_of(host), door=space.door)
    keeping.end(space, by=visitor_of(host), because="So it is.")

    written = str(list(Entry.objects.values()))
    assert "closed space" in written
    assert not [code for code in (space.code, thread.code, date.code) if code in written]


def test_in_a_closed_space_rank_gives_no_right() -> None:
    space = make_space(is_closed=True)
    thread = make_thread(space)
    for visitor in (make_visitor("manager", space.organisation), make_visitor("coordinator")):
        assert not Space.objects.seen_by(visitor).exists()
        with pytest.raises(Http404):
            talking.close(thread, by=visitor, because="No.")


def test_in_an_open_space_the_manager_of_its_body_moderates_and_another_does_not() -> None:
    space = make_space()
    thread = make_thread(space)

    with pytest.raises(PermissionDenied):
        talking.close(thread, by=make_visitor("manager", make_space().organisation), because="No.")
    talking.close(thread, by=make_visitor("manager", space.organisation), because="Settled.")

    thread.refresh_from_db()
    assert thread.closed_because == "Settled."


def test_what_is_said_in_a_closed_space_changes_no_public_data_and_has_no_name_in_the_journal() -> None:
    space = make_space(is_closed=True, name="Kanariengesang")
    host = make_host(space, name="Kanarienvogel")
    before = version()

    talking.begin(space, by=visitor_of(host), title="Kanarientitel", text="Kanarienwort.", language="en")
    things.add_files(space, by=visitor_of(host), files=[_clean("kanarie.txt")], words="", language="en")
    keeping.end(space, by=visitor_of(host), because="Kanarienende.")

    assert version() == before
    assert "anarie" not in str(list(Entry.objects.values()))
    assert not list(found.documents([space.code]))


def _clean(name: str) -> Clean:
    return Clean(name, "text/plain", b"words")


def test_open_spaces_are_found_and_told_and_closed_ones_are_not() -> None:
    is_open, closed = make_space(), make_space(is_closed=True)
    for space in (is_open, closed):
        talking.begin(
            space, by=visitor_of(make_host(space)), title="Which landlord?", text="Whom?", language="en"
        )
        make_date(space)

    documents = list(found.documents([is_open.code, closed.code]))
    assert [document.key for document in documents] == [is_open.code]
    assert "Which landlord?" in documents[0].texts[0].body
    told = {source.name: source for source in fresh.sources}
    keys = [str(pk) for pk in Thread.objects.values_list("pk", flat=True)]
    assert len(list(told["talk"].load(keys))) == 1
    assert len(list(told["dates"].coming())) == 1  # type: ignore[misc]
    spaces = [str(is_open.pk), str(closed.pk)]
    assert [row.title for row in told["spaces"].load(spaces)] == [is_open.name]


def test_a_post_of_a_closed_space_is_reported_to_the_coordinator_who_reads_it_alone() -> None:
    space = make_space(is_closed=True, name="Kanariengesang")
    ana, bo = make_member(space), make_member(space)
    post = make_post(make_thread(space), ana, "Mean words.")
    client = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), bo.person)
    coordinator = make_person()
    Role.objects.create(person=coordinator, kind=Role.Kind.COORDINATOR)
    reader = come_in(Client(), coordinator, how="mfa", proved=True)
    address = f"/spaces/posts/{post.pk}/"
    assert reader.get(address).status_code == 404

    named = subjects.find(f"space-post:{post.pk}", visitor_of(bo))
    from koinon.notices.testing import make_notice

    make_notice(kind="space-post", key=str(post.pk))

    assert named is not None
    assert named[2].organisation is None
    assert "Kanariengesang" not in named[2].label
    assert subjects.find(f"space-post:{post.pk}", visitor_for(make_person())) is None
    # Written otherwise, whoever decides about it would not be let in to read it.
    assert subjects.find(f"space-post:0{post.pk}", visitor_of(bo)) is None
    assert client.get(f"/notices/new/?about=space-post:{post.pk}").status_code == 200
    read = reader.get(address).content.decode()
    assert "Mean words." in read
    assert "Kanariengesang" not in read
    assert reader.get(space.get_absolute_url()).status_code == 404
    subjects.kinds["space-post"].withdraw(str(post.pk), "", "", visitor_for(coordinator))  # type: ignore[misc]
    assert "Mean words." not in client.get(post.thread.get_absolute_url()).content.decode()
    subjects.kinds["space-post"].restore(str(post.pk), visitor_for(coordinator))  # type: ignore[misc]
    assert "Mean words." in client.get(post.thread.get_absolute_url()).content.decode()


def test_who_decides_on_a_complaint_still_reads_what_was_taken_off() -> None:
    from koinon.notices.testing import make_notice

    post = make_post(make_thread(make_space()), text="Mean words.", removed_at=timezone.now())
    make_notice(kind="space-post", key=str(post.pk))
    coordinator = make_person()
    Role.objects.create(person=coordinator, kind=Role.Kind.COORDINATOR)
    address = f"/spaces/posts/{post.pk}/"

    deciding = come_in(Client(), coordinator, how="mfa", proved=True).get(address).content.decode()
    reading = come_in(Client(), make_person()).get(address).content.decode()

    assert "Mean words." in deciding
    assert "Mean words." not in reading


def test_a_space_that_was_taken_down_is_gone_for_all_but_its_members() -> None:
    space = make_space()
    host = make_host(space)
    subjects.kinds["space"].withdraw(space.code, "", "", visitor_of(host))  # type: ignore[misc]

    assert Client().get(space.get_absolute_url()).status_code == 404
    assert space not in Space.objects.public()
    mine_ = come_in(Client(), host.person).get(space.get_absolute_url())
    assert "Taken down." in mine_.content.decode()
    subjects.kinds["space"].restore(space.code, visitor_of(host))  # type: ignore[misc]
    assert Client().get(space.get_absolute_url()).status_code == 200


def test_files_that_were_taken_off_after_a_notice_are_downloaded_by_nobody() -> None:
    file = make_file(make_space())
    by = visitor_for(make_person())
    subjects.kinds["space-file"].withdraw(file.code, "", "", by)  # type: ignore[misc]

    assert Client().get(file.get_absolute_url()).status_code == 404
    subjects.kinds["space-file"].restore(file.code, by)  # type: ignore[misc]
    assert Client().get(file.get_absolute_url()).content == b"words"


def test_a_file_of_a_closed_space_is_read_by_who_decides_about_it_alone() -> None:
    from koinon.notices.testing import make_notice

    space = make_space(is_closed=True)
    bo = make_member(space)
    file = make_file(space)
    coordinator = make_person()
    Role.objects.create(person=coordinator, kind=Role.Kind.COORDINATOR)
    reader = come_in(Client(), coordinator, how="mfa", proved=True)
    address = f"/spaces/files/{file.code}/"
    assert reader.get(address).status_code == 404
    named = subjects.find(f"space-file:{file.code}", visitor_of(bo))
    assert named is not None
    assert (named[2].label, named[2].address) == ("A file in a closed space", address)
    assert named[2].organisation is None

    make_notice(kind="space-file", key=file.code)
    subjects.kinds["space-file"].withdraw(file.code, "", "", visitor_for(coordinator))  # type: ignore[misc]

    assert reader.get(address).content == b"words"
    assert reader.get(address)["Content-Disposition"].startswith("attachment")
    assert reader.get(file.get_absolute_url()).status_code == 404
    assert come_in(Client(), bo.person).get(address).status_code == 404


def test_a_person_takes_along_what_is_its_own() -> None:
    space = make_space()
    ana = make_member(space)
    make_post(make_thread(space), ana, "My words.")
    make_post(make_thread(space), None, "Another's words.")
    make_file(space, ana.person)
    make_date(space, ana.person)

    taken = {name: mine.exports[name](ana.person) for name in mine.exports if "space" in name}

    assert {name: len(rows) for name, rows in taken.items()} == {
        "spaces": 1,
        "posts_in_spaces": 1,
        "files_in_spaces": 1,
        "dates_in_spaces": 1,
    }
    assert "Another's words." not in str(taken)


def test_an_account_that_closes_leaves_stones_and_the_space_to_the_next_one() -> None:
    space = make_space()
    host, ana = make_host(space, name="Kanarienvogel"), make_member(space)
    alone, shared = make_thread(space, title="Kanarientitel"), make_thread(space)
    make_post(alone, host, "Kanarienwort.")
    make_post(shared, host, "Kanarienwort.")
    make_post(shared, ana, "Hers.")
    make_file(space, host.person, name="kanarie.txt")
    make_date(space, host.person, by_name="Kanarienvogel")
    make_invitation(space, email=host.person.email)

    leaving.let_go(host.person)

    ana.refresh_from_db()
    left = [list(model.objects.values()) for model in (Space, Member, Thread, Post, File, Date)]
    assert "anarie" not in str(left)
    assert ana.is_host
    assert Post.objects.count() == 2
    assert Thread.objects.get() == shared
    assert not space.invitations.exists()


def _session(**more: Any) -> Session:
    now = timezone.now().replace(microsecond=0)
    values: dict[str, Any] = {
        "code": "S-27", "title": "Hour", "day": now.date(), "begins": now.time(), "zone": "UTC", "starts_at": now,
        "ends_at": now + timedelta(hours=1), "published": True,
    }  # fmt: skip
    return Session.objects.create(**(values | more))


def test_a_session_that_moves_moves_in_the_space_too() -> None:
    session = _session()
    space = make_space()
    ana = visitor_of(make_member(space))
    for _twice in range(2):
        things.set_date(space, things.Appointment(session=session), by=ana)
    later = session.starts_at + timedelta(days=1)
    session.starts_at, session.ends_at = later, later + timedelta(hours=1)

    for told in hooks.changed:
        if told is things.follow_session:
            told(session, "moved", "")

    assert Date.objects.get().starts_at == later
    assert Date.objects.shown().count() == 1
    Session.objects.update(audience=Session.Audience.INVITED)
    assert Date.objects.shown().count() == 0


def test_a_session_that_is_no_longer_for_all_is_in_no_mail_and_no_copy() -> None:
    space = make_space()
    ana, bo = make_member(space), make_member(space, mail=Member.Mail.DAILY)
    make_date(space, ana.person)
    make_date(space, ana.person, session=_session(title="Kanarienstunde"))
    Session.objects.update(audience=Session.Audience.INVITED)

    assert digesting.tell(Space.objects.get(pk=space.pk), bo) == 1
    assert "anarie" not in Outbox.objects.get(to=bo.person.email).text
    assert "anarie" not in str(mine.exports["dates_in_spaces"](ana.person))


def test_a_session_that_is_cancelled_does_not_stand_as_if_it_took_place() -> None:
    space = make_space()
    make_date(space, session=_session(state=Session.State.CANCELLED, cancelled_because="Ill."))

    shown = Client().get(space.get_absolute_url()).content.decode()

    assert "<s><b" in shown
    assert "Cancelled in the programme." in shown
    assert Date.objects.get().is_off


def test_a_proposal_that_is_dropped_leaves_nothing_and_its_proposer_is_told() -> None:
    editor = make_person()
    space = make_space(state=Space.State.PROPOSED, proposed_by=editor)
    keeping.drop(space, by=make_visitor("manager", space.organisation))

    assert not Space.objects.exists()
    assert Outbox.objects.get(to=editor.email).subject.startswith("Not taken further")


@pytest.mark.parametrize(
    ("name", "shown"), [("A" * 150, "A" * 80), ("ana@example.eu", "A member"), ("", "A member")]
)
def test_whoever_opens_a_space_is_called_by_a_name_that_others_may_see(name: str, shown: str) -> None:
    space = make_space(state=Space.State.PROPOSED)
    manager = make_person(name=name)
    Role.objects.create(person=manager, kind=Role.Kind.MANAGER, organisation=space.organisation)

    keeping.open_(space, by=visitor_for(manager))

    assert Member.objects.get().name == shown


def test_full_is_full() -> None:
    space = make_space()
    for _ in range(3):
        make_member(space)
    before, joining.MOST_MEMBERS = joining.MOST_MEMBERS, 3
    try:
        with pytest.raises(joining.Full):
            joining.join(space, by=visitor_for(make_person()), name="Fourth")
    finally:
        joining.MOST_MEMBERS = before
