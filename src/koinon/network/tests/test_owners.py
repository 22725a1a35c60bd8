"""What owners do: change facts without overwriting each other, confirm with one click, decide on corrections."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.journal.models import Entry
from koinon.mail import actions as mail
from koinon.mail.models import Outbox
from koinon.network.actions import corrections, facts
from koinon.network.models import Correction, Organisation, Stand
from koinon.network.models.corrections import CorrectionSet
from koinon.network.testing import (
    make_consortium,
    make_membership,
    make_organisation,
    make_visitor,
)
from koinon.network.visitor import ANYONE
from koinon.people.testing import come_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing")]


def change(organisation: Organisation, **more: Any) -> dict[str, Any]:
    """Everything `facts.edit` wants, as it is, with something else in it."""
    values: dict[str, Any] = {key: getattr(organisation, key) for key in facts.EDITABLE}
    return values | {"version": organisation.version} | more


def test_two_editors_never_overwrite_each_other() -> None:
    centre = make_organisation("Before")
    ana, ben = make_visitor("editor", centre), make_visitor("manager", centre)
    facts.edit(centre, by=ana, **change(centre, name="Ana’s"))

    with pytest.raises(facts.Changed) as changed:
        facts.edit(centre, by=ben, **change(centre, name="Ben’s"))

    centre.refresh_from_db()
    assert (centre.name, changed.value.current.name, centre.version) == ("Ana’s", "Ana’s", 2)


def test_what_was_before_stays_in_the_journal() -> None:
    centre = make_organisation("Before")

    facts.edit(centre, by=make_visitor("editor", centre), **change(centre, name="After", city="Turin"))

    entry = Entry.objects.get(verb="organisation.edited")
    assert entry.details["before"] == {"name": "Before", "city": ""}
    assert entry.details["after"] == {"name": "After", "city": "Turin"}


def test_saying_the_same_again_changes_nothing() -> None:
    centre = make_organisation()

    same = facts.edit(centre, by=make_visitor("editor", centre), **change(centre))

    assert (same.version, same.edited_at, Entry.objects.filter(verb="organisation.edited").count()) == (
        1,
        None,
        0,
    )


@pytest.mark.parametrize("kind", ["editor", "manager", "authority"])
def test_who_works_elsewhere_may_not_change_it(kind: str) -> None:
    centre, other = make_organisation(), make_organisation()

    with pytest.raises(PermissionDenied):
        facts.edit(centre, by=make_visitor(kind, other), **change(centre, name="Taken"))


def test_a_lead_changes_its_consortium_and_not_its_centres() -> None:
    consortium, centre = make_consortium("SEED", "IT"), make_organisation()
    make_membership(centre, consortium, role="centre")
    lead = make_visitor("lead", consortium)

    facts.edit(consortium, by=lead, **change(consortium, city="Turin"))

    with pytest.raises(PermissionDenied):
        facts.edit(centre, by=lead, **change(centre, city="Turin"))


def test_a_manager_of_a_partner_may_not_change_the_consortium() -> None:
    consortium, partner = make_consortium("SEED", "IT"), make_organisation()
    make_membership(partner, consortium, role="lead")

    with pytest.raises(PermissionDenied):
        facts.edit(consortium, by=make_visitor("manager", partner), **change(consortium, city="Turin"))


def test_the_coordinator_changes_what_is_published_and_no_draft() -> None:
    shown, draft = make_organisation(), make_organisation(published=False)
    coordinator = make_visitor("coordinator")

    facts.edit(shown, by=coordinator, **change(shown, city="Turin"))

    with pytest.raises(PermissionDenied):
        facts.edit(draft, by=coordinator, **change(draft, city="Turin"))


def test_a_draft_is_seen_by_its_own_its_lead_and_the_coordinator() -> None:
    consortium = make_consortium("SEED", "IT")
    draft, other = make_organisation(published=False), make_organisation()
    make_membership(draft, consortium)
    kinds = ["manager", "editor", "lead", "coordinator", "innovator", "administrator"]
    where = {"manager": draft, "editor": draft, "lead": consortium, "innovator": draft}
    seers = {kind: make_visitor(kind, where.get(kind)) for kind in kinds}
    seers |= {"elsewhere": make_visitor("manager", other), "anyone": ANYONE}

    seen = [name for name, who in seers.items() if draft in Organisation.objects.seen_by(who)]

    assert seen == ["manager", "editor", "lead", "coordinator"]


def test_publishing_is_the_managers() -> None:
    draft = make_organisation(published=False)

    with pytest.raises(PermissionDenied):
        facts.publish(draft, by=make_visitor("editor", draft), published=True)
    facts.publish(draft, by=make_visitor("manager", draft), published=True)

    assert draft in Organisation.objects.public()


def link_in(text: str) -> str:
    found = re.search(r"/network/confirm/[\w-]+/", text)
    assert found
    return found[0]


def test_opening_the_link_does_not_confirm_and_the_button_does_once(client: Client) -> None:
    centre = make_organisation()
    manager = make_visitor("manager", centre)
    assert manager.person
    facts.ask_to_confirm(centre, manager.person)
    link = link_in(Outbox.objects.get().text)

    shown = client.get(link)
    centre.refresh_from_db()
    before = centre.confirmed_on
    pressed, again = client.post(link), client.post(link)
    centre.refresh_from_db()

    assert (shown.status_code, before) == (200, None)
    assert (pressed.status_code, again.status_code) == (200, 404)
    assert centre.confirmed_on == timezone.localdate()
    assert centre.stand == Stand.HELD
    assert Entry.objects.filter(verb="organisation.confirmed").count() == 1
    assert not shown.cookies


def test_a_link_ends_with_the_role_and_with_its_time(client: Client) -> None:
    centre = make_organisation()
    manager = make_visitor("manager", centre)
    assert manager.person
    facts.ask_to_confirm(centre, manager.person)
    link = link_in(Outbox.objects.get().text)
    from koinon.network.models import Confirmation, Role

    Role.objects.update(until=timezone.localdate())
    without_role = client.get(link).status_code
    Role.objects.update(until=None)
    Confirmation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    assert (without_role, client.get(link).status_code) == (404, 404)


@pytest.mark.parametrize("kind", ["editor", "coordinator", "administrator"])
def test_nobody_confirms_on_behalf_of_the_owner(kind: str) -> None:
    centre = make_organisation()
    where = centre if kind == "editor" else None

    with pytest.raises(PermissionDenied):
        facts.confirm(centre, by=make_visitor(kind, where))


def test_an_authority_confirms_its_own_facts() -> None:
    authority = make_organisation(kind=Organisation.Kind.AUTHORITY, state="")

    facts.confirm(authority, by=make_visitor("authority", authority))

    assert authority.confirmed_on == timezone.localdate()


def test_facts_go_stale_after_twelve_months() -> None:
    today = timezone.localdate()
    fresh = make_organisation(checked_on=today - timedelta(days=300))
    old = make_organisation(checked_on=today - timedelta(days=400))
    confirmed = make_organisation(
        checked_on=today - timedelta(days=400), confirmed_on=today - timedelta(days=9)
    )
    over = make_organisation(checked_on=today, described_until=today - timedelta(days=1))

    stands = [row.stand for row in (fresh, old, confirmed, over)]

    assert stands == [Stand.CHECKED, Stand.STALE, Stand.HELD, Stand.STALE]


def test_owners_are_asked_once_a_month() -> None:
    old, fresh = (
        make_organisation(checked_on=date(2020, 1, 1)),
        make_organisation(checked_on=timezone.localdate()),
    )
    make_visitor("manager", old)
    make_visitor("editor", old)
    make_visitor("manager", fresh)

    asked = [facts.ask_owners_to_confirm(), facts.ask_owners_to_confirm()]
    Organisation.objects.filter(pk=old.pk).update(asked_on=timezone.localdate() - timedelta(days=31))
    Outbox.objects.update(key=None)

    assert (asked, facts.ask_owners_to_confirm(), Outbox.objects.count()) == ([1, 0], 1, 2)


def suggest(client: Client, centre: Organisation, **more: str) -> Any:
    form = {"about": "host", "text": "It is another.", "email": "", "nonce": "12345678abc"} | more
    return client.post(reverse("network:suggest", args=[centre.slug]), form)


def test_anyone_suggests_without_account_and_reads_what_became_of_it(client: Client) -> None:
    centre = make_organisation()

    answer = suggest(client, centre, email="ana@example.eu")
    correction = Correction.objects.get()
    corrections.decide(
        correction, by=make_visitor("manager", centre), accept=False, reason="It is as it was."
    )
    page = client.get(answer["Location"])

    assert answer.status_code == 302
    assert not answer.cookies
    assert "It is as it was." in page.content.decode()
    assert [row.to for row in Outbox.objects.all()] == ["ana@example.eu"]
    assert "It is as it was." in Outbox.objects.get().text


def test_sending_twice_is_sending_once(client: Client) -> None:
    centre = make_organisation()

    first, second = suggest(client, centre), suggest(client, centre)

    assert first["Location"] == second["Location"]
    assert Correction.objects.count() == 1


def test_the_code_of_a_receipt_is_not_kept(client: Client) -> None:
    answer = suggest(client, make_organisation())

    code = answer["Location"].rstrip("/").rsplit("/", 1)[1]
    assert len(code) == 32
    assert code not in str(Correction.objects.values().get()) + str(list(Entry.objects.values()))


def test_who_suggested_while_signed_in_is_not_written_down(client: Client) -> None:
    centre, ana = make_organisation(), make_visitor()
    assert ana.person

    corrections.suggest(centre, by=ana, about="host", text="x", nonce="12345678")

    assert Entry.objects.get(verb="correction.suggested").actor == ""


def test_sixty_a_minute_pass_and_then_429(client: Client) -> None:
    centre = make_organisation()

    statuses = [suggest(client, centre, text=str(number)).status_code for number in range(61)]

    assert statuses == [302] * 60 + [429]
    assert int(suggest(client, centre)["Retry-After"]) >= 1


@pytest.mark.parametrize(
    "form", [{"text": ""}, {"text": "a\u202eb"}, {"about": "x"}, {"email": "nobody"}, {"text": "a" * 5000}]
)
def test_what_is_wrong_with_a_suggestion_is_said(client: Client, form: dict[str, str]) -> None:
    answer = suggest(client, make_organisation(), **form)

    assert answer.status_code == 422
    assert Correction.objects.count() == 0


def test_a_suggestion_about_a_draft_finds_nothing(client: Client) -> None:
    draft = make_organisation(published=False)

    assert suggest(client, draft).status_code == 404
    with pytest.raises(Http404):
        corrections.suggest(draft, by=ANYONE, about="host", text="x", nonce="12345678")


def test_only_those_who_answer_for_it_decide() -> None:
    centre, other = make_organisation(), make_organisation()
    consortium = make_consortium("SEED", "IT")
    make_membership(centre, consortium)
    refused = [
        ANYONE,
        make_visitor("editor", centre),
        make_visitor("manager", other),
        make_visitor("administrator"),
    ]
    allowed = [make_visitor("manager", centre), make_visitor("lead", consortium), make_visitor("coordinator")]

    for who in refused:
        correction, _ = corrections.suggest(centre, by=ANYONE, about="host", text="x", nonce="12345678")
        with pytest.raises(Http404):
            corrections.decide(correction, by=who, accept=True, reason="Yes.")
    for number, who in enumerate(allowed):
        correction, _ = corrections.suggest(
            centre, by=ANYONE, about="host", text=str(number), nonce="12345678"
        )
        corrections.decide(correction, by=who, accept=True, reason="Yes.")

    assert Correction.objects.filter(state=Correction.State.ACCEPTED).count() == 3


def test_what_is_decided_stays_decided() -> None:
    centre = make_organisation()
    manager = make_visitor("manager", centre)
    correction, _ = corrections.suggest(centre, by=ANYONE, about="host", text="x", nonce="12345678")
    corrections.decide(correction, by=manager, accept=True, reason="Yes.")

    with pytest.raises(corrections.Decided):
        corrections.decide(correction, by=manager, accept=False, reason="No.")

    assert Correction.objects.get().reason == "Yes."


def test_the_owner_works_on_pages(client: Client) -> None:
    centre = make_organisation("Before")
    manager = make_visitor("manager", centre)
    assert manager.person
    suggest(client, centre)
    come_in(client, manager.person)
    client.handler.enforce_csrf_checks = False
    own = reverse("network:organisation", args=[centre.slug])

    seen = client.get(own)
    listed = client.get(f"{own}corrections/")
    form = client.get(f"{own}edit/")
    stale = client.post(f"{own}edit/", {"name": "Mine", "state": "running", "version": "9"})
    saved = client.post(f"{own}edit/", {"name": "After", "state": "running", "version": "1"})
    decided = client.post(
        f"{own}corrections/{Correction.objects.get().pk}/", {"decision": "accept", "reason": "Right."}
    )
    confirmed = client.post(f"{own}confirm/")

    assert [answer.status_code for answer in (seen, listed, form, stale)] == [200, 200, 200, 409]
    assert "Mine" in stale.content.decode()
    assert "Before" in stale.content.decode()
    assert [answer.status_code for answer in (saved, decided, confirmed)] == [302, 302, 302]
    centre.refresh_from_db()
    assert (centre.name, centre.confirmed_on) == ("After", timezone.localdate())


def test_others_find_no_work_there(client: Client) -> None:
    centre, other = make_organisation(), make_organisation()
    visitor = make_visitor("manager", other)
    assert visitor.person
    come_in(client, visitor.person)
    own = reverse("network:organisation", args=[centre.slug])

    assert client.get(f"{own}edit/").status_code == 403
    assert client.get(f"{own}corrections/").status_code == 404
    assert client.post(f"{own}confirm/").status_code == 403
    assert client.post(f"{own}publish/", {"published": "no"}).status_code == 403


def test_a_mail_goes_out_once() -> None:
    centre = make_organisation()
    manager = make_visitor("manager", centre)
    assert manager.person
    facts.ask_to_confirm(centre, manager.person)

    sent = [mail.send_due(), mail.send_due()]

    assert (sent, len(django_mail.outbox)) == ([1, 0], 1)
    assert Outbox.objects.get().state == Outbox.State.SENT


def send(client: Client, centre: Organisation, body: dict[str, str], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    address = f"/api/v1/organisations/{centre.slug}/corrections"
    return client.post(address, body, content_type="application/json", headers=headers)


def test_programs_suggest_too_and_a_key_acts_once(client: Client) -> None:
    centre, key = make_organisation(), "8b0f2a1c-1111-4222-8333-444455556666"

    answers = [send(client, centre, {"text": text}, key) for text in ("One", "One", "Two")]

    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert answers[0].json() == answers[1].json()
    assert client.get(answers[0].json()["receipt"]).status_code == 200
    assert Correction.objects.count() == 1


def test_of_two_bodies_with_one_key_at_the_same_moment_one_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither saw the other when it looked."""
    centre, key = make_organisation(), "8b0f2a1c-1111-4222-8333-444455556666"
    monkeypatch.setattr(CorrectionSet, "exists", lambda _: False)

    answers = [send(client, centre, {"text": text}, key) for text in ("One", "Two")]

    assert [answer.status_code for answer in answers] == [201, 422]
    assert Correction.objects.count() == 1


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "a", "colour": "b"}, {"text": "a", "about": "x"}]
)
def test_programs_are_told_what_is_wrong(client: Client, body: dict[str, str]) -> None:
    assert send(client, make_organisation(), body).status_code == 422


def test_a_key_that_is_none_is_refused(client: Client) -> None:
    assert send(client, make_organisation(), {"text": "a"}, "1").status_code == 422
