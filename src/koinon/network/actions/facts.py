"""What an owner does with the facts about an organisation: change, publish, confirm; and asking it to confirm."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation

from koinon.base.languages import DEFAULT, in_language
from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.mail import actions as mail
from koinon.network import found
from koinon.network.actions.roles import site
from koinon.network.models import Confirmation, Organisation, Role
from koinon.network.models.corrections import hash_of
from koinon.network.models.facts import STALE_AFTER
from koinon.network.permissions.facts import may_confirm, may_edit, may_publish
from koinon.network.visitor import visitor_for
from koinon.people.models import Person

# What an owner may change. Everything else comes with its sources, through files.
EDITABLE = ("name", "name_local", "city", "website", "contact", "languages", "lead_text", "state")
CONFIRM_MAIL = "network/mail/confirm"
LINK_HOLDS = timedelta(days=30)
ASK_AGAIN_AFTER = timedelta(days=30)


class Changed(Exception):
    """Somebody else changed it in the meantime: both texts are shown, neither is lost."""

    def __init__(self, current: Organisation) -> None:
        self.current = current
        super().__init__(f"{current} is at version {current.version}")


@transaction.atomic
def edit(
    organisation: Organisation,
    *,
    by: Visitor,
    version: int,
    name: str,
    name_local: str,
    city: str,
    website: str,
    contact: str,
    languages: list[str],
    lead_text: str,
    state: str,
) -> Organisation:
    """Change the facts an owner keeps. `version` is the one that was read; another one now raises `Changed`.

    What was before and what is after stands in the journal. Saying the same again changes nothing.
    """
    require(may_edit(by, organisation))
    row = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if row.version != version:
        raise Changed(row)
    wanted: dict[str, Any] = {
        "name": name,
        "name_local": name_local,
        "city": city,
        "website": website,
        "contact": contact,
        "languages": languages,
        "lead_text": lead_text,
        "state": state if row.kind == Organisation.Kind.CENTRE else row.state,
    }
    before = {key: getattr(row, key) for key in wanted if getattr(row, key) != wanted[key]}
    if not before:
        return row
    after = {key: wanted[key] for key in before}
    now = timezone.now()
    # The version stands in the condition too: SQLite knows no row locks.
    done = Organisation.objects.filter(pk=row.pk, version=version).update(
        **after, version=version + 1, edited_at=now
    )
    if not done:
        raise Changed(Organisation.objects.get(pk=row.pk))
    for key, value in after.items():
        setattr(row, key, value)
    row.version, row.edited_at = version + 1, now
    journal.record(
        "organisation.edited",
        by=by,
        what=row,
        details={"before": before, "after": after, "version": row.version},
    )
    found.changed(row.slug)
    return row


@transaction.atomic
def publish(organisation: Organisation, *, by: Visitor, published: bool) -> Organisation:
    """Show an organisation to all, or take it back into a draft."""
    require(may_publish(by, organisation))
    changed = Organisation.objects.filter(pk=organisation.pk, published=not published).update(
        published=published
    )
    organisation.published = published
    if changed:
        verb = "organisation.published" if published else "organisation.withdrawn"
        journal.record(verb, by=by, what=organisation)
        found.changed(organisation.slug)
    return organisation


@transaction.atomic
def confirm(organisation: Organisation, *, by: Visitor) -> Organisation:
    """Its owner says: these facts are right today."""
    require(may_confirm(by, organisation))
    today = timezone.localdate()
    if organisation.confirmed_on != today:
        before = organisation.confirmed_on.isoformat() if organisation.confirmed_on else None
        Organisation.objects.filter(pk=organisation.pk).update(confirmed_on=today)
        organisation.confirmed_on = today
        journal.record(
            "organisation.confirmed",
            by=by,
            what=organisation,
            details={"before": before, "on": today.isoformat()},
        )
    return organisation


@transaction.atomic
def ask_to_confirm(organisation: Organisation, person: Person, *, key: str | None = None) -> None:
    """Mail a person a link by which it confirms the facts: for thirty days, and once."""
    code = secrets.token_urlsafe(32)
    Confirmation.objects.create(
        organisation=organisation,
        person=person,
        code=hash_of(code),
        expires_at=timezone.now() + LINK_HOLDS,
    )
    with translation.override(DEFAULT):
        address = reverse("network:confirm", args=[code])
        page = organisation.get_absolute_url()
    context = {
        "organisation": organisation,
        "where": site() + in_language(address, person.language),
        "page": site() + in_language(page, person.language),
    }
    mail.send(person.email, CONFIRM_MAIL, context, language=person.language, key=key)


def confirmation(code: str) -> Confirmation | None:
    """The link with this code, as long as it holds, its person is there, and still answers for the organisation."""
    found = (
        Confirmation.objects.usable(timezone.now())
        .filter(code=hash_of(code), person__is_active=True)
        .select_related("organisation", "person")
        .first()
    )
    if found is None or not may_confirm(visitor_for(found.person), found.organisation):
        return None
    return found


@transaction.atomic
def confirm_by_link(found: Confirmation) -> Organisation | None:
    """Use a link: confirm the facts. None where somebody used it a moment ago."""
    now = timezone.now()
    if not Confirmation.objects.usable(now).filter(pk=found.pk).update(used_at=now):
        return None
    return confirm(found.organisation, by=visitor_for(found.person))


def ask_owners_to_confirm() -> int:
    """For the tick: mail those who answer for facts older than twelve months; each organisation at most once a month."""
    today = timezone.localdate()
    line, again = today - STALE_AFTER, today - ASK_AGAIN_AFTER
    long_ago = Q(asked_on__isnull=True) | Q(asked_on__lt=again)
    old = (
        Organisation.objects.public()
        .on(today)
        .filter(Q(confirmed_on__lt=line) | Q(confirmed_on__isnull=True, checked_on__lt=line), long_ago)
    )
    owners = [Role.Kind.MANAGER, Role.Kind.LEAD, Role.Kind.AUTHORITY]
    held = Role.objects.held_on(today).filter(
        kind__in=owners, organisation__in=old.values("pk"), person__is_active=True
    )
    people: dict[Organisation, list[Person]] = {}
    for role in held.select_related("person", "organisation").order_by("pk"):
        if role.organisation and may_confirm(visitor_for(role.person), role.organisation):
            people.setdefault(role.organisation, []).append(role.person)
    asked = 0
    for organisation, persons in people.items():
        with transaction.atomic():
            # Who changes the row asks; another process at the same time changes nothing.
            mine = Organisation.objects.filter(long_ago, pk=organisation.pk).update(asked_on=today)
            for person in persons if mine else []:
                key = f"confirm:{organisation.pk}:{person.pk}:{today.isoformat()}"
                ask_to_confirm(organisation, person, key=key)
                asked += 1
    return asked
