"""Who can be named to review a version."""

from koinon.network.models import Role
from koinon.people.models import Person
from koinon.practices.models import Version

STAFF = (Role.Kind.EDITOR, Role.Kind.MANAGER)


def reviewers_for(version: Version) -> dict[Person, str]:
    """Editors and managers of any centre with what it is called, those who look after it first; none who wrote any of it.

    Another centre's staff may be named too: that is how a second pair of eyes comes from outside. No address is told.
    """
    writers = set(version.writers.values_list("pk", flat=True)) | {version.practice.owner_id}
    rows = Role.objects.today().filter(kind__in=STAFF, organisation__isnull=False)
    own = version.practice.tenants()
    found: dict[Person, tuple[bool, str]] = {}
    for role in rows.select_related("person", "organisation").order_by("pk"):
        if role.person_id in writers or not role.person.is_active or role.organisation is None:
            continue
        is_far = role.organisation_id not in own
        if role.person not in found or (found[role.person][0] and not is_far):
            found[role.person] = (is_far, role.organisation.name)
    in_order = sorted(found, key=lambda person: (found[person][0], person.pk))
    return {person: found[person][1] for person in in_order}


def heads_of(version: Version) -> list[Person]:
    """Who decides for those who look after it; the coordinators of the network where nobody does."""
    rows = Role.objects.today().select_related("person").filter(person__is_active=True)
    own = rows.filter(kind=Role.Kind.MANAGER, organisation__in=version.practice.tenants())
    chosen = list(own.order_by("pk")) or list(rows.filter(kind=Role.Kind.COORDINATOR).order_by("pk"))
    return list({role.person_id: role.person for role in chosen}.values())
