"""The self-check of a centre's competences: plain statements, how far each holds, and what helps where it does not yet.

The services are those that the centres were founded for; the statements are worded here and are no official instrument.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest as DjangoRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from koinon.agenda.models import Session
from koinon.base.visitor import HttpRequest
from koinon.courses import hooks, listing
from koinon.courses.hooks import Lead
from koinon.courses.words import Competence
from koinon.practices import listing as library

LEVELS: tuple[tuple[int, str | Promise], ...] = (
    (0, lazy("not yet")),
    (1, lazy("begun")),
    (2, lazy("in everyday use")),
    (3, lazy("we could teach it")),
)
SHOWN = 2

STATEMENTS: dict[str, tuple[str | Promise, ...]] = {
    Competence.MAPPING: (
        lazy(
            "We know who works on social innovation in every region of the country, and the list is public."
        ),
        lazy("We ask each on the list once a year whether what stands there still holds."),
        lazy("We can say for a municipality who is the nearest to ask."),
    ),
    Competence.INTERACTION: (
        lazy("Whoever asks us gets an answer by a date that we name."),
        lazy("We talk with the managing authorities at fixed times, not only when there is a call."),
        lazy("What people ask us changes what we offer."),
    ),
    Competence.COCREATION: (
        lazy("People whom a measure is for take part before it is written."),
        lazy("We can lead a workshop in which officials, associations and residents decide together."),
        lazy("What was decided together can be read afterwards, with what became of it."),
    ),
    Competence.SCALING: (
        lazy("Of what was tried we tell what has to stay and what may change elsewhere."),
        lazy("We can say what a practice costs, and what was shown of its results."),
        lazy("In the last two years a practice was taken over by another place with our help."),
    ),
    Competence.CAPACITY: (
        lazy("We offer courses or workshops each year, and know for whom."),
        lazy("What we teach can be read by those who could not come."),
        lazy("We learn from those who took part what they did with it."),
    ),
    Competence.NETWORKING: (
        lazy("We bring people of different sectors together who would not have met."),
        lazy("Somebody who looks for a partner abroad gets a name from us."),
        lazy("Our members know whom else to ask when we cannot help."),
    ),
    Competence.LEARNING: (
        lazy("We visited another centre, or were visited, within two years."),
        lazy("We let others look at our work and say what they would change."),
        lazy("What we learnt elsewhere can be seen in what we do."),
    ),
}

# Topics of the library that help with each.
TOPICS: dict[str, frozenset[str]] = {
    Competence.MAPPING: frozenset({"ecosystem", "needs-assessment", "open-data"}),
    Competence.INTERACTION: frozenset(
        {"stakeholder-engagement", "outreach", "partnership-principle", "helpdesk"}
    ),
    Competence.COCREATION: frozenset(
        {
            "co-creation",
            "co-design",
            "user-participation",
            "service-design",
            "living-lab",
            "citizens-assembly",
        }
    ),
    Competence.SCALING: frozenset({"scaling-up", "replication", "transfer-of-practice", "mainstreaming"}),
    Competence.CAPACITY: frozenset({"capacity-building", "training-of-trainers", "technical-assistance"}),
    Competence.NETWORKING: frozenset(
        {"network-of-cities", "community-of-practice", "cross-sector-partnership"}
    ),
    Competence.LEARNING: frozenset({"mutual-learning", "peer-review", "study-visit", "peer-support"}),
}

# Formats of sessions in which each is practised.
FORMATS: dict[str, frozenset[str]] = {
    Competence.INTERACTION: frozenset({Session.Format.CLINIC}),
    Competence.COCREATION: frozenset({Session.Format.WORKSHOP}),
    Competence.CAPACITY: frozenset({Session.Format.TRAINING}),
    Competence.NETWORKING: frozenset({Session.Format.EXCHANGE, Session.Format.CONFERENCE}),
    Competence.LEARNING: frozenset({Session.Format.EXCHANGE}),
}


@dataclass(frozen=True)
class Statement:
    """One statement with its field's name and the level that was chosen, if any."""

    name: str
    text: str
    level: int | None


@dataclass(frozen=True)
class Part:
    """One competence with its statements; `score` is the mean level where all were answered, from 0 to 3.

    `missing` says, in whole sentences, of what kind nothing is there that would lead on.
    """

    competence: str
    title: str
    statements: list[Statement]
    leads: list[Lead]
    missing: list[str] = field(default_factory=list)

    @property
    def score(self) -> float | None:
        levels = [one.level for one in self.statements if one.level is not None]
        return sum(levels) / len(levels) if len(levels) == len(self.statements) else None

    @property
    def is_begun(self) -> bool:
        """Whether any of it was answered."""
        return any(one.level is not None for one in self.statements)

    @property
    def per_cent(self) -> int:
        return round((self.score or 0) / 3 * 100)

    @property
    def weakest(self) -> Statement | None:
        """The statement that holds least, where it is not in everyday use."""
        answered = [one for one in self.statements if one.level is not None and one.level < 2]
        return min(answered, key=lambda one: one.level or 0, default=None)


def parts(levels: dict[str, int] | None = None) -> list[Part]:
    """All competences with their statements, without ways on."""
    return [
        Part(
            competence,
            str(Competence(competence).label),
            [
                Statement(f"{competence}-{at}", str(text), (levels or {}).get(f"{competence}-{at}"))
                for at, text in enumerate(texts, start=1)
            ],
            [],
        )
        for competence, texts in STATEMENTS.items()
    ]


NAMES = frozenset(
    f"{competence}-{at}" for competence, texts in STATEMENTS.items() for at in range(1, len(texts) + 1)
)


def parse(request: DjangoRequest) -> tuple[dict[str, int], bool]:
    """What was answered, statement → level; and whether something was sent that is not offered."""
    found, wrong = {}, False
    for name in NAMES:
        value = request.POST.get(name, "")
        if value in {"0", "1", "2", "3"}:
            found[name] = int(value)
        elif value:
            wrong = True
    return found, wrong


def result(request: HttpRequest, levels: dict[str, int]) -> list[Part]:
    """Each competence with its level and, where something is not in everyday use, ways on with why; the weakest first."""
    found = []
    for part in parts(levels):
        leads, missing = _leads(request, part) if part.weakest is not None else ([], [])
        found.append(Part(part.competence, part.title, part.statements, leads, missing))
    return sorted(found, key=lambda part: (part.score is None, part.score or 0))


def _leads(request: HttpRequest, part: Part) -> tuple[list[Lead], list[str]]:
    """The first of each kind; and of which kind there is none. A session to come is said where there is one."""
    weakest = part.weakest
    assert weakest is not None
    said = {"statement": weakest.text, "level": str(dict(LEVELS)[weakest.level or 0])}
    ways: tuple[tuple[Callable[[HttpRequest, Part, dict[str, str]], list[Lead]], str], ...] = (
        (_courses, _("No course here builds it yet.")),
        (_practices, _("No practice is told of it here yet.")),
        (_sessions, ""),
        (_peers, _("No body offers to share it today.")),
    )
    found = [(way(request, part, said)[:SHOWN], none) for way, none in ways]
    return [lead for leads, _none in found for lead in leads], [
        none for leads, none in found if none and not leads
    ]


def _courses(request: HttpRequest, part: Part, said: dict[str, str]) -> list[Lead]:
    because = _("A course that builds this competence; you said “%(level)s” to: %(statement)s") % said
    return [
        Lead(row.title, row.url, because, row.read_in)
        for row in listing.rows()
        if part.competence in row.competences and row.when != "over"
    ]


def _practices(request: HttpRequest, part: Part, said: dict[str, str]) -> list[Lead]:
    from django.utils.translation import get_language

    from koinon.base.languages import DEFAULT
    from koinon.practices import concepts

    language = get_language() or DEFAULT
    wanted = TOPICS[part.competence]
    found = sorted(
        (row for row in library.rows() if wanted & set(row.topics)),
        key=lambda row: -row.evidence,
    )
    leads = []
    for row in found[:SHOWN]:
        shared = ", ".join(concepts.label(key, language) for key in row.topics if key in wanted)
        because = _("A practice told under: %(topics)s.") % {"topics": shared}
        leads.append(Lead(row.title, row.url, because, row.read_in))
    return leads


def _sessions(request: HttpRequest, part: Part, said: dict[str, str]) -> list[Lead]:
    formats = FORMATS.get(part.competence)
    if not formats:
        return []
    rows = Session.objects.public().to_come(timezone.now()).filter(format__in=formats)
    return [
        Lead(
            row.title,
            row.get_absolute_url(),
            _("A session to come of this kind: %(format)s.") % {"format": row.get_format_display()},
            row.language,
        )
        for row in rows.soonest_first()[:SHOWN]
    ]


def _peers(request: HttpRequest, part: Part, said: dict[str, str]) -> list[Lead]:
    return [lead for ask in hooks.peers for lead in ask(request, part.competence)]
