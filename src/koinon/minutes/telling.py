"""A report as it is told: whole sentences and rows, the same for page, PDF, CSV and JSON.

What was left open is read from the question at its desk on the day of reading: the report of 2026 says in 2027 what became
of it. Words of people stand only where they agreed, else the hosts' gist, else only that something was asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, country_name, language_name
from koinon.minutes.counting import Figures
from koinon.minutes.models import Line, Pledge, Report
from koinon.network.models import Organisation
from koinon.practices.actions.origins import by_origin
from koinon.practices.models import Practice
from koinon.questions.models import Answer, Question
from koinon.room.models import Contribution

State = Contribution.State


@dataclass(frozen=True)
class Told:
    """One thing that was asked or shared. `words` is empty where nobody agreed and the hosts have not put it in their own yet."""

    pk: int
    kind: str
    kind_words: str
    words: str
    no_words: str
    quoted: bool
    language: str
    place: str
    name: str
    votes: int
    languages: tuple[str, ...]
    wordings: tuple[tuple[str, str], ...]
    how: str
    answer: str
    answer_language: str
    answered_by: str
    desk: str
    number: str
    due: date | None
    link: str
    next_step: str

    @property
    def is_open(self) -> bool:
        return self.how == "open"


@dataclass(frozen=True)
class Account:
    """The whole report."""

    report: Report
    figures: Figures
    sentences: tuple[str, ...]
    answered: tuple[Told, ...]
    open: tuple[Told, ...]
    shared: tuple[Told, ...]
    pledges: tuple[Pledge, ...]
    kinds: tuple[tuple[str, int], ...]
    countries: tuple[tuple[str, int], ...]


def account_of(report: Report, figures: dict[str, Any] | None = None) -> Account:
    """Everything a report tells, in the language that is spoken now. A fixed number of queries."""
    rows = (
        report.lines.shown()
        .select_related(
            "contribution__place",
            "contribution__question__desk",
            "contribution__question__merged_into",
            "contribution__carry_to",
        )
        .prefetch_related("contribution__wordings__place")
        .order_by("-contribution__votes", "pk")
    )
    keys = {line.contribution.question_id for line in rows}
    links = {
        answer.question_id: answer.get_absolute_url()
        for answer in Answer.objects.public().filter(question__in=keys - {None})
    }
    shared = [line.contribution_id for line in rows if line.contribution.kind != Contribution.Kind.QUESTION]
    practices = by_origin([origin_key(pk) for pk in shared], public=True) if shared else {}
    told = [_told(line, links, practices.get(origin_key(line.contribution_id))) for line in rows]
    counted = Figures.of(figures or report.figures)
    asked = [one for one in told if one.kind == Contribution.Kind.QUESTION]
    spoken = get_language() or DEFAULT
    return Account(
        report=report,
        figures=counted,
        sentences=tuple(sentences(counted)),
        answered=tuple(one for one in asked if not one.is_open),
        open=tuple(one for one in asked if one.is_open),
        shared=tuple(one for one in told if one.kind != Contribution.Kind.QUESTION),
        pledges=tuple(report.pledges.select_related("owner")),
        kinds=tuple((kind_words(kind), number) for kind, number in counted.kinds.items()),
        countries=tuple(
            (_("elsewhere, or not told") if code == "others" else country_name(code, spoken), number)
            for code, number in counted.countries.items()
        ),
    )


def kind_words(kind: str) -> str:
    """A kind of body, in words."""
    if kind == "others":
        return _("others, or not told")
    return str(dict(Organisation.Kind.choices).get(kind, kind))


def sentences(figures: Figures) -> list[str]:
    """What the hour came to, in whole sentences; what is nought is not said, but that none was lost is checked."""
    if not figures.asked:
        return [_("No question was asked in writing.")]
    said = [
        ngettext("%(number)s question came in.", "%(number)s questions came in.", figures.asked)
        % {"number": figures.asked}
    ]
    if figures.languages > 1:
        said.append(
            ngettext(
                "They came in %(number)s language.", "They came in %(number)s languages.", figures.languages
            )
            % {"number": figures.languages}
        )
    parts: tuple[tuple[int, Callable[[int], str]], ...] = (
        (
            figures.live,
            lambda n: ngettext(
                "%(number)s was answered in the hour.", "%(number)s were answered in the hour.", n
            ),
        ),
        (
            figures.written,
            lambda n: ngettext(
                "%(number)s was answered in writing.", "%(number)s were answered in writing.", n
            ),
        ),
        (
            figures.carried,
            lambda n: ngettext("%(number)s went to a desk.", "%(number)s went to a desk.", n),
        ),
        (
            figures.held_back,
            lambda n: ngettext(
                "%(number)s was held back, with a reason to its author.",
                "%(number)s were held back, with a reason to their authors.",
                n,
            ),
        ),
        (
            figures.withdrawn,
            lambda n: ngettext(
                "%(number)s was withdrawn by its author.", "%(number)s were withdrawn by their authors.", n
            ),
        ),
    )
    said += [words(number) % {"number": number} for number, words in parts if number]
    if sum(number for number, _words in parts) == figures.asked:
        said.append(_("None was lost."))
    return said


def origin_key(pk: int) -> str:
    """What a practice that began with a contribution names as its origin."""
    return f"contribution:{pk}"


def _told(line: Line, links: dict[int | None, str], practice: Practice | None = None) -> Told:
    row = line.contribution
    wordings = [other for other in row.wordings.all() if other.state == State.MERGED]
    everyone = [row, *wordings]
    was_shown = row.state in Contribution.SHOWN
    # What a moderator never released is not released here either.
    agreed = next((one for one in everyone if one.may_quote), None) if was_shown else None
    spoken = get_language() or DEFAULT
    words, language = line.gist, line.report.language
    if not words and agreed is not None:
        words, language = agreed.text, agreed.language
    question = row.question
    if question is not None and question.merged_into is not None:
        question = question.merged_into
    how, answer = _how(row, question, line)
    return Told(
        pk=line.pk,
        kind=row.kind,
        kind_words=str(Contribution.Kind(row.kind).label),
        words=words,
        no_words="" if words else _no_words(row, was_shown=was_shown),
        quoted=bool(not line.gist and agreed is not None),
        language=language if words else "",
        place=agreed.place.display_name() if agreed is not None and agreed.place is not None else "",
        name=row.name if was_shown and row.may_quote and not line.gist else "",
        votes=row.votes,
        languages=tuple(
            language_name(code, spoken) for code in dict.fromkeys(one.language for one in everyone)
        ),
        wordings=tuple(
            (one.text, one.language) for one in wordings if was_shown and one.may_quote and one is not agreed
        ),
        how=how,
        answer=answer,
        answer_language=row.answer_language or line.report.language,
        answered_by=row.answered_by,
        desk=question.desk_name if question is not None else "",
        number=question.number if question is not None else "",
        due=question.due if question is not None and how == "open" else None,
        link=_link(question, links, practice),
        next_step=row.next_step,
    )


def _link(question: Question | None, links: dict[int | None, str], practice: Practice | None) -> str:
    """Where it went on: the published answer, or the practice that came of it."""
    if practice is not None:
        return practice.get_absolute_url()
    return links.get(question.pk, "") if question is not None else ""


def _no_words(row: Contribution, *, was_shown: bool) -> str:
    """What stands where no words may stand."""
    if not was_shown:
        return _("Something was asked that was not shown in the room.")
    if row.kind == Contribution.Kind.QUESTION:
        return _("Something was asked; who asked it did not agree to be quoted.")
    return _("Something was shared; who shared it did not agree to be quoted.")


def _how(row: Contribution, question: Question | None, line: Line) -> tuple[str, str]:
    """`live`, `written`, `later` (answered at its desk since), `declined` there, or `open`; and the answer."""
    answer = line.answer or row.answer
    if row.state == State.ANSWERED:
        return ("live" if row.answered_live else "written"), answer
    if question is not None and question.state == Question.State.ANSWERED:
        return "later", answer
    if question is not None and question.state in {Question.State.DECLINED, Question.State.WITHDRAWN}:
        return "declined", answer
    return "open", answer


def as_data(account: Account) -> dict[str, Any]:
    """The report for programs."""
    report, session = account.report, account.report.session
    return {
        "code": session.code,
        "title": session.title,
        "language": session.language,
        "starts": session.starts_at,
        "ends": session.ends_at,
        "zone": session.zone,
        "organiser": session.organiser_name,
        "state": report.state,
        "published": report.published_at,
        "changed": report.changed_at,
        "lead": report.lead,
        "figures": {
            **report.figures,
            "kinds": dict(account.figures.kinds),
            "countries": dict(account.figures.countries),
        },
        "asked": [_data(one) for one in (*account.answered, *account.open)],
        "shared": [_data(one) for one in account.shared],
        "promised": [
            {
                "text": one.text,
                "owner": one.owner_name,
                "due": one.due,
                "state": one.state,
                "became": one.became,
            }
            for one in account.pledges
        ],
        "smallest_group_told": 5,
    }


def _data(one: Told) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "words": one.words,
        "quoted": one.quoted,
        "language": one.language,
        "place": one.place,
        "votes": one.votes,
        "languages": list(one.languages),
        "result": one.how,
        "answer": one.answer,
        "answered_by": one.answered_by,
        "desk": one.desk,
        "due": one.due,
        "url": one.link,
        "next_step": one.next_step,
    }


def rows(account: Account) -> Sequence[Told]:
    """Everything asked and shared, for tables."""
    return (*account.answered, *account.open, *account.shared)
