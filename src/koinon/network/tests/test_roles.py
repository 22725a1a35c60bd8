"""Letting people in and out: by command, by a manager; what the mail says; what is refused."""

import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from koinon.journal.models import Entry
from koinon.mail.models import Outbox
from koinon.network.actions import roles
from koinon.network.models import Organisation, Role
from koinon.network.visitor import visitor_for
from koinon.people import actions as people
from koinon.people.models import Person
from koinon.people.testing import make_person

pytestmark = pytest.mark.django_db
Kind = Role.Kind


def make_centre(slug: str = "a-centre", kind: str = Organisation.Kind.CENTRE) -> Organisation:
    return Organisation.objects.create(
        slug=slug, name="A Centre", kind=kind, country="BE", checked_on=date(2026, 1, 1)
    )


def make_manager(centre: Organisation) -> Person:
    person = make_person(name="Mia")
    Role.objects.create(person=person, kind=Kind.MANAGER, organisation=centre)
    return person


def test_the_first_administrator_comes_in_by_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("admin", "Root@Example.eu")

    address = capsys.readouterr().out.strip()
    found = re.fullmatch(r"https?://[^/]+(/account/link/[\w-]+/)", address)
    assert found
    browser = Client(headers={"Sec-Fetch-Site": "same-origin"})
    assert browser.post(found[1]).headers["Location"] == "/account/passkeys/add/"
    root = Person.objects.get()
    assert (root.email, visitor_for(root).is_operator) == ("root@example.eu", True)


def test_making_the_same_administrator_again_changes_nothing_but_the_link() -> None:
    first, second = roles.make_admin("root@example.eu"), roles.make_admin("root@example.eu")

    assert first != second
    assert Role.objects.count() == 1


def test_the_command_grants_and_ends_a_role(capsys: pytest.CaptureFixture[str]) -> None:
    centre = make_centre()

    call_command("role", "mia@example.eu", "manager", centre.slug)
    call_command("role", "mia@example.eu", "manager", centre.slug)
    call_command("role", "nora@example.eu", "coordinator")

    assert sorted(Role.objects.today().values_list("person__email", "kind", "organisation__slug")) == [
        ("mia@example.eu", "manager", "a-centre"),
        ("nora@example.eu", "coordinator", None),
    ]
    call_command("role", "mia@example.eu", "manager", centre.slug, "--end")
    assert list(Role.objects.today().values_list("kind", flat=True)) == ["coordinator"]


@pytest.mark.parametrize(
    "words",
    [
        ("mia@example.eu", "manager"),
        ("mia@example.eu", "manager", "no-such-place"),
        ("mia@example.eu", "lead", "a-centre"),
        ("mia@example.eu", "authority", "a-centre"),
        ("mia@example.eu", "coordinator", "a-centre"),
        ("no address", "coordinator"),
        ("mia@example.eu", "emperor"),
    ],
)
def test_a_command_that_makes_no_sense_says_so(words: tuple[str, ...]) -> None:
    make_centre()

    with pytest.raises(CommandError):
        call_command("role", *words)
    assert Role.objects.count() == 0


def test_a_manager_lets_somebody_in_and_the_mail_says_so() -> None:
    centre = make_centre()
    mia = make_manager(centre)

    role = roles.invite("New@Example.eu", by=visitor_for(mia), kind=Kind.EDITOR, organisation=centre)
    again = roles.invite("new@example.eu", by=visitor_for(mia), kind=Kind.EDITOR, organisation=centre)

    assert role == again
    sent = Outbox.objects.get()
    assert sent.to == "new@example.eu"
    assert "Mia" in sent.text
    assert "/account/login/" in sent.text
    assert people.find("new@example.eu") == role.person


def test_a_role_that_ended_stays_in_the_history_and_can_be_given_again() -> None:
    centre = make_centre()
    visitor = visitor_for(make_manager(centre))
    first = roles.invite("new@example.eu", by=visitor, kind=Kind.EDITOR, organisation=centre)

    roles.end(first, by=visitor)
    roles.end(first, by=visitor)
    second = roles.invite("new@example.eu", by=visitor, kind=Kind.EDITOR, organisation=centre)

    assert first != second
    assert Role.objects.filter(person=first.person).count() == 2


def test_nobody_grants_to_oneself_nor_to_a_locked_account() -> None:
    centre = make_centre()
    mia = make_manager(centre)
    locked = make_person(is_active=False)

    with pytest.raises(PermissionDenied):
        roles.invite(mia.email, by=visitor_for(mia), kind=Kind.EDITOR, organisation=centre)
    with pytest.raises(ValidationError):
        roles.invite(locked.email, by=visitor_for(mia), kind=Kind.EDITOR, organisation=centre)


def test_deleting_an_account_ends_its_roles_and_leaves_no_name_in_the_journal() -> None:
    centre = make_centre()
    mia, ana = make_manager(centre), make_person("ana@example.eu", name="Ana Unmistakable")
    role = roles.invite(ana.email, by=visitor_for(mia), kind=Kind.EDITOR, organisation=centre)

    people.erase(ana, by=visitor_for(ana))

    role.refresh_from_db()
    assert role.until is not None
    assert "Unmistakable" not in str(list(Entry.objects.values()))
    assert "somebody" in str(role.person)


def test_a_lead_reaches_the_members_of_today_only() -> None:
    from koinon.network.models import Membership

    ours = make_centre("ours", Organisation.Kind.CONSORTIUM)
    now, then = make_centre("now"), make_centre("then")
    for member, until in ((now, None), (then, date(2022, 1, 1))):
        Membership.objects.create(
            member=member, within=ours, role="centre", until=until, checked_on=date(2026, 1, 1)
        )
    lead = make_person()
    Role.objects.create(person=lead, kind=Kind.LEAD, organisation=ours)

    visitor = visitor_for(lead)

    assert [visitor.leads(place) for place in (ours, now, then)] == [True, True, False]
