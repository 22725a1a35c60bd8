"""What can be reported: a list that the floors above fill, since this one knows things only by kind, key and label.

    subjects.kinds["answer"] = subjects.Kind(_("answer"), resolve=…, withdraw=…)      (in `apps.py`)

A page then links to `/notices/new/?about=answer:KEY`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koinon.base.text import is_plain
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation

SITE = "site"
"""The kind of what is said about the site itself: its accessibility, or what it does with personal data."""

ACCESSIBILITY, PRIVACY = "accessibility", "privacy"
TOPICS: dict[str, str | Promise] = {
    ACCESSIBILITY: _("accessibility"),
    PRIVACY: _("personal data"),
}


@dataclass(frozen=True)
class Subject:
    """One thing that can be reported.

    `organisation` answers for it; None leaves it to the network's coordinators. `author_id` is the account of who wrote
    it, where that is known: it gets the decision by mail where something is taken off or brought back, may read it and complain.
    """

    label: str
    address: str
    organisation: Organisation | None = None
    author_id: int | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of things: how one is found for a visitor who may see it (else None), and how it is taken off the site.

    `withdraw(key, reason, words, by)` takes the content away; None where that cannot be. `restore(key, by)` brings it
    back when a complaint was right.
    """

    name: str | Promise
    resolve: Callable[[str, Visitor], Subject | None]
    withdraw: Callable[[str, str, str, Visitor], None] | None = None
    restore: Callable[[str, Visitor], None] | None = None


kinds: dict[str, Kind] = {}
"""The kinds by the word that stands before the colon in `?about=`. Filled by each capability's `apps.py`."""


def find(about: str, visitor: Visitor) -> tuple[str, str, Subject] | None:
    """Kind, key and thing of an `about`, for a visitor who may see it."""
    name, _colon, key = about.partition(":")
    kind = kinds.get(name)
    if kind is None or not key or len(key) > 200 or not is_plain(key):
        return None
    subject = kind.resolve(key, visitor)
    return (name, key, subject) if subject else None


def can_withdraw(name: str) -> bool:
    """Whether things of this kind can be taken off the site from here."""
    return name in kinds and kinds[name].withdraw is not None


def name_of(name: str) -> str:
    """What a kind is called; its word where the floor that knew it is gone."""
    return str(kinds[name].name) if name in kinds else name


def _entry(key: str, visitor: Visitor) -> Subject | None:
    """The entry of an organisation in the directory. Nothing of it is taken off: facts are corrected or kept."""
    organisation = Organisation.objects.public().filter(slug=key).first()
    if organisation is None:
        return None
    return Subject(organisation.name, organisation.get_absolute_url(), organisation)


def _site(key: str, visitor: Visitor) -> Subject | None:
    """The site, or the pages of one organisation: `accessibility`, `privacy:SLUG`."""
    topic, _colon, slug = key.partition(":")
    if topic not in TOPICS:
        return None
    if not slug:
        return Subject("", "")
    organisation = Organisation.objects.public().filter(slug=slug).first()
    if organisation is None:
        return None
    return Subject(organisation.name, organisation.get_absolute_url(), organisation)


kinds["organisation"] = Kind(_("entry in the directory"), _entry)
kinds[SITE] = Kind(_("this site"), _site)
