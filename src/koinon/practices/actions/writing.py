"""Writing a practice down: drafts, the next version of a public one, sending in, pictures."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.people.models import Person
from koinon.practices import telling
from koinon.practices.care import centre_for
from koinon.practices.content import Content, content_of, lacking, write
from koinon.practices.life import IN_WORK, NotFrom, State, step
from koinon.practices.models import Picture, Practice, Version
from koinon.practices.permissions import may_delete, may_draft, may_revise, may_write
from koinon.practices.pictures import pictures_in

if TYPE_CHECKING:
    from koinon.base.uploads import Clean

MOST_PICTURES = 8
MOST_AT_ONCE = 100
"""Versions that are sent in by one form; a form has 200 fields at most."""
# Words that are addresses of the library itself.
TAKEN = frozenset({"new", "mine", "inbox", "lineage", "exchange", "import", "export", "search"})


class Changed(Exception):
    """Somebody else saved meanwhile. `current` is what stands there now."""

    def __init__(self, current: Version) -> None:
        self.current = current
        super().__init__("changed meanwhile")


class Lacking(Exception):
    """Something has to be said before it can be sent in. `fields` names what."""

    def __init__(self, fields: list[str]) -> None:
        self.fields = fields
        super().__init__(", ".join(fields))


class TooManyPictures(Exception):
    """A practice holds as many pictures as it can."""


def lock(practice: Practice) -> Practice:
    """The practice as it stands now, and nobody else's until the end of the transaction."""
    return Practice.objects.select_for_update().get(pk=practice.pk)


def lock_version(version: Version) -> Version:
    """The version as it stands now; its practice is locked with it."""
    practice = lock(version.practice)
    now = Version.objects.select_for_update().get(pk=version.pk)
    now.practice = practice
    return now


def _person(by: Visitor) -> Person | None:
    return Person.objects.filter(pk=by.person_id).first() if by.person_id is not None else None


def _slug(title: str) -> str:
    """An address made of the title, and of letters by lot where there is one such already or nothing to make it of."""
    plain = slugify(title)[:80].strip("-")
    if (
        plain
        and not plain.isdigit()
        and plain not in TAKEN
        and not Practice.objects.filter(slug=plain).exists()
    ):
        return plain
    return f"{plain or 'practice'}-{secrets.token_hex(4)}"


@transaction.atomic
def draft(
    content: Content,
    *,
    by: Visitor,
    organisation: Organisation | None = None,
    origin: tuple[str, str, str] = ("", "", ""),
) -> Practice:
    """Begin a practice; only its owner and the organisation's staff see it. `origin`: key, label and address of what it came from."""
    require(may_draft(by, organisation))
    key, label, address = origin
    practice = Practice.objects.create(
        slug=_slug(content.title),
        owner_id=by.person_id,
        organisation=organisation,
        origin=key[:200],
        origin_label=label[:300],
        origin_address=address[:300],
    )
    version = Version(practice=practice, number=1)
    write(version, content)
    _sign(version, by)
    journal.record("practice.drafted", by=by, what=practice, public=False)
    return practice


def _sign(version: Version, by: Visitor) -> None:
    if (person := _person(by)) is not None:
        version.writers.add(person)


@transaction.atomic
def change(version: Version, *, by: Visitor, edits: int, content: Content) -> Version:
    """Write on. `Changed` where somebody else saved since this was read: nobody's words are lost."""
    now = lock_version(version)
    require(may_write(by, now))
    if now.edits != edits:
        raise Changed(now)
    if content_of(now) == content:
        return now
    now.edits += 1
    now.changed_at = timezone.now()
    write(now, content)
    _sign(now, by)
    journal.record("practice.changed", by=by, what=now.practice, public=False)
    return now


def submit(version: Version, *, by: Visitor) -> Version:
    """Send it in for review: a centre looks after it from now on, and its people are told. Twice changes nothing.

    What was sent back begins a new round: earlier reviews stay to be read, and count no more.
    """
    now, _is_new = _submit(version, by)
    return now


@dataclass
class SentIn:
    """What came of sending in several: each is in one of these. `lacking` names the fields; `refused` are those that may not be
    sent in by who tried, or are gone."""

    sent: list[Version] = field(default_factory=list)
    already: list[Version] = field(default_factory=list)
    lacking: list[tuple[Version, list[str]]] = field(default_factory=list)
    refused: list[Version] = field(default_factory=list)


def submit_several(versions: Sequence[Version], *, by: Visitor) -> SentIn:
    """Send in several, each by the rules of one and as a deed of its own: one that cannot be sent in keeps no other back.

    Whoever decides gets their mails joined. Twice, or twice at once, changes nothing.
    """
    if len(versions) > MOST_AT_ONCE:
        raise ValueError("too many at once")
    done, together = SentIn(), f"practices:{secrets.token_hex(8)}"
    for version in versions:
        try:
            now, is_new = _submit(version, by, digest=together)
        except Lacking as missing:
            done.lacking.append((version, missing.fields))
        except (PermissionDenied, Practice.DoesNotExist, Version.DoesNotExist):
            done.refused.append(version)
        else:
            (done.sent if is_new else done.already).append(now)
    return done


@transaction.atomic
def _submit(version: Version, by: Visitor, *, digest: str = "") -> tuple[Version, bool]:
    """The version as it is in review, and whether this deed brought it there."""
    now = lock_version(version)
    if now.state == State.SUBMITTED:
        return now, False
    require(may_write(by, now))
    if missing := lacking(content_of(now)):
        raise Lacking(missing)
    practice = now.practice
    if now.state == State.CHANGES:
        # Who said something of an earlier state is asked anew; what was said stays to be read.
        now.reviews.waiting().delete()
        now.round += 1
    step(now, State.SUBMITTED)
    now.submitted_at = timezone.now()
    now.save(update_fields=["state", "submitted_at", "round"])
    if practice.state != State.PUBLISHED:
        step(practice, State.SUBMITTED)
    if practice.centre is None:
        practice.centre = centre_for(practice.organisation, now.places.all())
    practice.save(update_fields=["state", "centre"])
    journal.record("practice.submitted", by=by, what=practice, details={"version": now.number}, public=False)
    telling.tell_of_submission(now, digest=digest)
    return now, True


@transaction.atomic
def revise(practice: Practice, *, by: Visitor) -> Version:
    """Begin the next version of a public practice; the old one stays. The one that is begun already, where there is one."""
    now = lock(practice)
    require(may_revise(by, now))
    if (begun := now.in_work) is not None:
        return begun
    shown = now.latest
    number = now.versions.latest("number").number + 1
    try:
        with transaction.atomic():
            version = Version(practice=now, number=number)
            write(version, content_of(shown))
    except IntegrityError:
        return now.versions.get(state__in=IN_WORK)
    _sign(version, by)
    journal.record("practice.revised", by=by, what=now, details={"version": number}, public=False)
    return version


@transaction.atomic
def delete(practice: Practice, *, by: Visitor) -> None:
    """Take away what was never published, with all that belongs to it."""
    now = lock(practice)
    require(may_delete(by, now))
    journal.record("practice.deleted", by=by, what=now, public=False)
    now.delete()


@transaction.atomic
def drop(version: Version, *, by: Visitor) -> None:
    """Take away the next version of a public practice; what is public stays."""
    now = lock_version(version)
    require(may_write(by, now))
    if now.practice.state != State.PUBLISHED:
        raise NotFrom("only beside a public version")
    journal.record(
        "practice.version_dropped", by=by, what=now.practice, details={"version": now.number}, public=False
    )
    now.delete()


@transaction.atomic
def add_picture(
    version: Version, *, by: Visitor, file: "Clean", description: str, credit: str = ""
) -> Picture:
    """Add a picture that was washed (`base.uploads.clean`), with words for those who do not see it."""
    now = lock_version(version)
    require(may_write(by, now))
    if len(pictures_in(now)) >= MOST_PICTURES:
        raise TooManyPictures
    made = Picture.objects.create(
        practice=now.practice,
        since=now,
        description=description,
        credit=credit,
        name=file.name,
        kind=file.kind,
        content=file.content,
    )
    journal.record("practice.picture_added", by=by, what=now.practice, public=False)
    return made


@transaction.atomic
def remove_picture(picture: Picture, version: Version, *, by: Visitor) -> None:
    """Take a picture out of a version; an earlier one that is public keeps it."""
    now = lock_version(version)
    require(may_write(by, now))
    if picture.since_id == now.pk:
        picture.delete()
    else:
        picture.until = now
        picture.save(update_fields=["until"])
    journal.record("practice.picture_removed", by=by, what=now.practice, public=False)
