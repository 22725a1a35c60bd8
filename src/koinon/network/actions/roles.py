"""Letting people in and out: granting a role, inviting by mail, ending a role, leaving. Also what the commands do."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.journal.models import Entry
from koinon.mail import actions as mail
from koinon.network.models import Organisation, Role
from koinon.network.permissions.roles import fits, may_end, may_grant, may_leave
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.people import actions as people
from koinon.people.models import Person

INVITATION = "network/mail/invitation"
WITHOUT_ORGANISATION = {Role.Kind.COORDINATOR, Role.Kind.ADMINISTRATOR}
BY_COMMAND = ("editor", "manager", "lead", "coordinator", "authority")


class LastManager(ValidationError):
    """Ending this role would leave an organisation without anybody who can let others in."""

    def __init__(self) -> None:
        super().__init__(_("This is the last manager. Name another one first."), code="last_manager")


@transaction.atomic
def invite(email: str, *, by: NetworkVisitor, kind: str, organisation: Organisation) -> Role:
    """Give the person with this address a role, and tell that person by mail. Doing it twice changes nothing."""
    address = email.strip().lower()
    validate_email(address)
    person = people.find(address)
    require(may_grant(by, kind, organisation, person))
    if person is not None and not person.is_active:
        raise ValidationError(_("This account is locked."), code="locked")
    if person is None:
        person = Person.objects.create_user(address, language=translation.get_language() or "en")
    role, is_new = _open_role(person, kind, organisation)
    if is_new:
        _record("role.granted", by, role)
        _tell(role, by)
    return role


@transaction.atomic
def end(role: Role, *, by: NetworkVisitor) -> Role:
    """End somebody's role as of today; it stays in the history. Doing it twice changes nothing."""
    require(may_end(by, role))
    return _close(role, by)


@transaction.atomic
def leave(role: Role, *, by: NetworkVisitor) -> Role:
    """Give up a role of one's own."""
    require(may_leave(by, role))
    return _close(role, by)


def _open_role(person: Person, kind: str, organisation: Organisation | None) -> tuple[Role, bool]:
    role = Role.objects.today().filter(person=person, kind=kind, organisation=organisation).first()
    if role is not None:
        return role, False
    return Role.objects.create(person=person, kind=kind, organisation=organisation), True


def _close(role: Role, by: Visitor) -> Role:
    today = timezone.localdate()
    if role.until is not None and role.until <= today:
        return role
    if role.organisation_id is not None:
        # Two managers who end each other at once: the second waits here, and then is the last one.
        organisation = Organisation.objects.select_for_update().get(pk=role.organisation_id)
        if is_last_manager(role, organisation):
            raise LastManager
    role.until = today
    role.save(update_fields=["until"])
    _record("role.ended", by, role)
    return role


def is_last_manager(role: Role, organisation: Organisation) -> bool:
    managers = Role.objects.managers_of(organisation)
    return managers.filter(pk=role.pk).exists() and not managers.exclude(person=role.person_id).exists()


def _record(verb: str, by: Visitor | None, role: Role) -> None:
    details = {"organisation": role.organisation_id, "kind": role.kind, "person": role.person_id}
    name = str(by.person) if isinstance(by, NetworkVisitor) and by.person else ""
    # Who works for a body decides whether it has a desk, which pages of places say.
    public = role.organisation_id is not None
    journal.record(verb, by=by, what=role, details=details, by_label=name[:200], public=public)


def _tell(role: Role, by: NetworkVisitor) -> None:
    """Queue the mail that says: you have this role here, sign in with this address."""
    with translation.override(role.person.language):
        where = f"{site()}{reverse('account_login')}"
    context = {"role": role, "by": by.person, "where": where}
    mail.send(role.person.email, INVITATION, context, language=role.person.language)


def site() -> str:
    """The beginning of an address in a mail or on a terminal: KOINON_HOSTS says it, else where `koinon up` serves."""
    scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
    host = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost"
    if host != "localhost":
        return f"{scheme}://{host}"
    served = settings.DATA / "port"
    port = served.read_text().strip() if served.exists() else "8000"
    return f"{scheme}://localhost:{port}"


def journal_of(organisation: Organisation) -> "list[Entry]":
    """What was done to an organisation and to who works there, the latest first."""
    about = Q(thing=f"network.organisation:{organisation.pk}") | Q(details__organisation=organisation.pk)
    return list(Entry.objects.filter(about).order_by("-pk")[:200])


# What the commands do; an operator on the server needs no second person.


@transaction.atomic
def make_admin(email: str) -> str:
    """For `koinon admin`: make or find the person, give it the administrator's role, return a one-time sign-in address."""
    address = email.strip().lower()
    validate_email(address)
    person = people.find(address) or Person.objects.create_user(address)
    if not person.is_active:
        raise ValidationError(f"The account {address} is locked or deleted.")
    role, is_new = _open_role(person, Role.Kind.ADMINISTRATOR, None)
    if is_new:
        _record("role.granted", None, role)
    return f"{site()}{reverse('people:link', args=[people.make_link(person)])}"


@transaction.atomic
def grant(email: str, kind: str, slug: str | None) -> Role:
    """For `koinon role`: give the person with this address a role, making the person where there is none."""
    address = email.strip().lower()
    validate_email(address)
    organisation = _organisation_for(kind, slug)
    person = people.find(address) or Person.objects.create_user(address)
    role, is_new = _open_role(person, kind, organisation)
    if is_new:
        _record("role.granted", None, role)
    return role


@transaction.atomic
def end_by_command(email: str, kind: str, slug: str | None) -> Role:
    """For `koinon role --end`: end a role. Even the last manager's: an operator can name another."""
    organisation = _organisation_for(kind, slug)
    person = people.find(email.strip().lower())
    role = Role.objects.today().filter(person=person, kind=kind, organisation=organisation).first()
    if person is None or role is None:
        raise ValidationError(f"{email} does not hold this role.")
    role.until = timezone.localdate()
    role.save(update_fields=["until"])
    _record("role.ended", None, role)
    return role


def _organisation_for(kind: str, slug: str | None) -> Organisation | None:
    if kind not in Role.Kind.values:
        raise ValidationError(f"{kind} is no role; the roles are {', '.join(BY_COMMAND)}.")
    if kind in WITHOUT_ORGANISATION:
        if slug:
            raise ValidationError(f"A {kind} belongs to the network as a whole, not to one organisation.")
        return None
    organisation = Organisation.objects.filter(slug=slug).first() if slug else None
    if organisation is None:
        raise ValidationError(
            f"A {kind} needs an organisation: its name as it stands in its address, not {slug!r}."
        )
    if not fits(kind, organisation):
        raise ValidationError(f"There is no {kind} in {organisation} ({organisation.get_kind_display()}).")
    return organisation


# What `people` asks of us


def roles_of(person: Person) -> list[dict[str, str | None]]:
    """For the copy of the data: every role ever held."""
    held = Role.objects.filter(person=person).select_related("organisation").order_by("since", "pk")
    return [
        {
            "role": role.kind,
            "organisation": role.organisation.slug if role.organisation else None,
            "since": role.since.isoformat(),
            "until": role.until.isoformat() if role.until else None,
        }
        for role in held
    ]


def what_keeps(person: Person) -> str:
    """The organisations that would have no manager without this person, as a sentence; empty where there are none."""
    held = Role.objects.held_by(person.pk).filter(kind=Role.Kind.MANAGER).select_related("organisation")
    alone = [
        str(role.organisation)
        for role in held
        if role.organisation and is_last_manager(role, role.organisation)
    ]
    if not alone:
        return ""
    return _("You are the last manager of %(organisations)s. Name another manager there first.") % {
        "organisations": "; ".join(alone)
    }


def end_all(person: Person) -> None:
    """An account closes: its roles end today."""
    today = timezone.localdate()
    for role in Role.objects.held_by(person.pk):
        role.until = today
        role.save(update_fields=["until"])
        _record("role.ended", None, role)
