"""A report as text, ready to send: Markdown, or plain. What people wrote is kept from being read as marks."""

import re

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from koinon.reports.content import Account, Entry, whole_address

_MARKS = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~])")


def _safe(text: str) -> str:
    """Words of people in Markdown: every mark stands for itself, and a line is a line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _day(entry: Entry) -> str:
    first, last = date_format(entry.first_day, "DATE_FORMAT"), date_format(entry.last_day, "DATE_FORMAT")
    return last if first == last else f"{first} – {last}"


def people(entry: Entry) -> str:
    """How many took part, as it is told."""
    if entry.participants is None:
        return _("not known")
    if entry.at_least:
        return _("at least %(n)s") % {"n": entry.participants}
    return str(entry.participants)


def _state(account: Account) -> str:
    report = account.report
    if report.submitted_at and report.is_handed_in:
        return _("Handed in on %(day)s.") % {"day": date_format(report.submitted_at, "DATE_FORMAT")}
    return _("Draft: not handed in yet.")


def _period(account: Account) -> str:
    return _("From %(first)s to %(last)s, counted up to %(day)s.") % {
        "first": date_format(account.report.first_day, "DATE_FORMAT"),
        "last": date_format(account.report.last_day, "DATE_FORMAT"),
        "day": date_format(account.cut_off, "DATE_FORMAT"),
    }


def markdown(account: Account) -> str:
    """The report as Markdown: headings, lists, and one table of activities."""
    report = account.report
    lines = [
        f"# {_safe(report.title)}",
        f"{_safe(report.organisation.name)}. {_period(account)} {_state(account)}",
    ]
    lines += [_safe(part) for part in _paragraphs(report.text)]
    lines.append(" ".join(account.sentences))
    lines.append(f"## {_('Figures')}")
    lines.append(
        "\n".join(
            f"- **{one.definition.label}:** {one.told}. {one.definition.text} {_source(one.definition.source)}"
            for one in account.figures
        )
    )
    for heading, pairs in _sums(account):
        lines += [f"## {heading}", "\n".join(f"- {_safe(name)}: {number}" for name, number in pairs)]
    lines.append(f"## {_('Activities')}")
    heads = _heads()
    table = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    table += [f"| {' | '.join(_safe(cell) for cell in _cells(one))} |" for one in account.activities]
    lines.append("\n".join(table) if account.activities else _("Nothing is in the log of the period."))
    return "\n\n".join(lines) + "\n"


def plain(account: Account) -> str:
    """The report as plain text, for a mail or a form of the funder."""
    report = account.report
    lines = [report.title, f"{report.organisation.name}. {_period(account)} {_state(account)}"]
    lines += _paragraphs(report.text)
    lines.append(" ".join(account.sentences))
    lines.append(_("Figures").upper())
    lines.append(
        "\n".join(
            f"{one.definition.label}: {one.told}. {one.definition.text} {_source(one.definition.source)}"
            for one in account.figures
        )
    )
    for heading, pairs in _sums(account):
        lines += [heading.upper(), "\n".join(f"{name}: {number}" for name, number in pairs)]
    lines.append(_("Activities").upper())
    rows = [
        "\n".join(f"{head}: {cell}" for head, cell in zip(_heads(), _cells(one), strict=True) if cell)
        for one in account.activities
    ]
    lines += rows or [_("Nothing is in the log of the period.")]
    return "\n\n".join(lines) + "\n"


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def _source(source: object) -> str:
    return _("Source: %(source)s.") % {"source": source}


def _sums(account: Account) -> list[tuple[str, list[tuple[str, int]]]]:
    unstated = [(_("not stated"), account.without_country)] if account.without_country else []
    found = [
        (_("Activities by kind"), account.kinds),
        (_("Activities by country"), account.countries + unstated),
        (_("What became of the questions"), account.ends),
    ]
    return [(heading, pairs) for heading, pairs in found if pairs]


def _heads() -> list[str]:
    return [
        _("Date"),
        _("Kind"),
        _("Title"),
        _("Body"),
        _("Countries"),
        _("Participants"),
        _("Partners"),
        _("Note"),
        _("Where from"),
        _("Source"),
    ]


def _cells(one: Entry) -> list[str]:
    return [
        _day(one),
        one.kind_words,
        one.called,
        one.body,
        one.countries_words or _("not stated"),
        people(one),
        "; ".join(one.partners),
        one.note,
        whole_address(one.link),
        one.source_words,
    ]
