"""Being listed: one's own words, by own choice, and going again at any time."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.peers import telling
from koinon.peers.models import Profile
from koinon.peers.permissions import may_end_profile, may_have_profile, may_take_down
from koinon.people.models import Person


class Changed(Exception):
    """It was saved elsewhere meanwhile. `current` is what stands there now."""

    def __init__(self, current: Profile) -> None:
        self.current = current
        super().__init__("changed meanwhile")


@dataclass(frozen=True)
class Told:
    """What a person says of themselves."""

    listed: bool
    language: str
    about: str
    topics: tuple[str, ...]
    formats: tuple[str, ...]
    languages: tuple[str, ...]
    availability: str
    availability_text: str
    organisation: Organisation | None


@transaction.atomic
def write(told: Told, *, by: Visitor, edits: int) -> Profile:
    """Write one's own profile. `edits` is 0 for the first time; `Changed` where it was saved since this was read."""
    require(may_have_profile(by), hidden=True)
    assert by.person_id is not None
    person = Person.objects.get(pk=by.person_id)
    profile, is_new = Profile.objects.select_for_update().get_or_create(person=person)
    if not is_new and profile.edits != edits:
        raise Changed(profile)
    profile.listed, profile.language, profile.about = told.listed, told.language, told.about
    profile.topics, profile.formats = list(told.topics), list(told.formats)
    profile.languages, profile.organisation = list(told.languages), told.organisation
    profile.availability, profile.availability_text = told.availability, told.availability_text
    profile.changed_at = timezone.now()
    if not is_new:
        profile.edits += 1
    profile.save()
    journal.record("peers.profile_written", by=by, what=profile, public=False)
    return profile


@transaction.atomic
def unlist(profile: Profile, *, by: Visitor) -> Profile:
    """It is listed no longer; the words stay with the person. Twice changes nothing."""
    now = Profile.objects.select_for_update().get(pk=profile.pk)
    require(may_end_profile(by, now))
    if now.listed:
        now.listed = False
        now.edits += 1
        now.save(update_fields=["listed", "edits"])
        journal.record("peers.profile_unlisted", by=by, what=now, public=False)
    return now


@transaction.atomic
def take_down(profile: Profile, *, by: Visitor, words: str) -> Profile:
    """The coordinator takes it off; the person is told why. Twice changes nothing."""
    now = Profile.objects.select_for_update().get(pk=profile.pk)
    require(may_take_down(by))
    if now.removed_at is None:
        now.removed_at = timezone.now()
        now.save(update_fields=["removed_at"])
        journal.record("peers.profile_taken_down", by=by, what=now, public=False)
        telling.tell_profile_taken_down(now, words)
    return now


@transaction.atomic
def take_down_after_notice(profile: Profile) -> None:
    """Decided upon a notice; whether that person may decide, `notices` has asked."""
    now = Profile.objects.select_for_update().get(pk=profile.pk)
    if now.removed_at is None:
        now.removed_at = timezone.now()
        now.save(update_fields=["removed_at"])
        journal.record("peers.profile_taken_down", by=None, what=now, public=False)


@transaction.atomic
def restore_after_complaint(profile: Profile) -> None:
    now = Profile.objects.select_for_update().get(pk=profile.pk)
    if now.removed_at is not None:
        now.removed_at = None
        now.save(update_fields=["removed_at"])
        journal.record("peers.profile_restored", by=None, what=now, public=False)
