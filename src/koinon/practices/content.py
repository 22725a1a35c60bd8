"""All that is told of a practice in one version, as it is typed, taken over and compared."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from koinon.places.models import Place
from koinon.practices.models import Version
from koinon.practices.words import REQUIRED, Evidence, Kind, Level, Stage


@dataclass(frozen=True)
class Content:
    """What a version holds beside its number and state. `links` are pairs of label and address."""

    title: str
    language: str = "en"
    kind: str = Kind.WORKED
    summary: str = ""
    who: str = ""
    challenge: str = ""
    approach: str = ""
    steps: str = ""
    targets: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    stage: str = Stage.RUNNING
    level: str = Level.LOCAL
    begun: int | None = None
    ended: int | None = None
    cost: str = ""
    amount: str = ""
    costs: str = ""
    funding: str = ""
    time_to_start: str = ""
    evidence: int = Evidence.NONE
    evidence_kind: str = ""
    evidence_text: str = ""
    results: str = ""
    not_shown: str = ""
    law: str = ""
    money: str = ""
    staff: str = ""
    time_needed: str = ""
    partners: str = ""
    must_stay: str = ""
    may_change: str = ""
    stops: str = ""
    lessons: str = ""
    links: tuple[tuple[str, str], ...] = ()


LISTS = ("targets", "objectives", "topics", "links")
PLAIN = tuple(one.name for one in fields(Content) if one.name not in {*LISTS, "places"})


def content_of(version: Version) -> Content:
    """What a version holds."""
    return Content(
        **{name: getattr(version, name) for name in PLAIN},
        targets=tuple(version.targets),
        objectives=tuple(version.objectives),
        topics=tuple(version.topics),
        links=tuple((label, address) for label, address in version.links),
        places=tuple(version.places.order_by("pk")),
    )


def fill(version: Version, content: Content) -> None:
    """Put all of a content but its places into a version, without saving it."""
    for name in PLAIN:
        setattr(version, name, getattr(content, name))
    version.targets, version.objectives = list(content.targets), list(content.objectives)
    version.topics, version.links = list(content.topics), [list(pair) for pair in content.links]


def write(version: Version, content: Content) -> None:
    """Put a content into a version and save it."""
    fill(version, content)
    version.save()
    version.places.set(content.places)


def kept(content: Content) -> dict[str, Any]:
    """A content as it is kept beside a version, to be compared with or put back later."""
    return asdict(replace(content, places=())) | {"places": [place.pk for place in content.places]}


def unkept(data: dict[str, Any]) -> Content:
    """The content that was kept so; places that are no more are left out."""
    lists: dict[str, Any] = {name: tuple(data[name]) for name in LISTS if name != "links"}
    links = tuple((label, address) for label, address in data["links"])
    places = tuple(Place.objects.filter(pk__in=data["places"]).order_by("pk"))
    return Content(**{name: data[name] for name in PLAIN}, **lists, links=links, places=places)


def lacking(content: Content) -> list[str]:
    """The fields without which it cannot be sent in."""
    found = [name for name in REQUIRED if not str(getattr(content, name)).strip()]
    return found if content.places else [*found, "places"]


def differing(old: Content, new: Content) -> Iterator[str]:
    """The fields in which two versions differ, in the order in which they are told."""
    for one in fields(Content):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if one.name == "places":
            before, after = ({place.pk for place in places} for places in (before, after))
        if before != after:
            yield one.name
