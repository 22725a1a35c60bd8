"""The report as a PDF: tagged for screen readers (PDF/UA-1), with its own letters for all 24 languages.

Typst sets it from `report.typ`; everything that people wrote goes in as data and is never read as its language. Why Typst:
docs/decisions/pdf.md.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT
from koinon.minutes.telling import Account, Told


@cache
def _template() -> bytes:
    return Path(__file__).with_name("report.typ").read_bytes()


def pdf(account: Account, *, address: str) -> bytes:
    """The bytes of the PDF, in the language that is spoken now."""
    # Here, not above: thirty megabytes that only this page needs.
    import typst

    made: bytes = typst.compile(
        _template(),
        sys_inputs={"data": json.dumps(_data(account, address), ensure_ascii=False)},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    return made


def _data(account: Account, address: str) -> dict[str, Any]:
    session, report = account.report.session, account.report
    start = localtime(session.starts_at)
    return {
        "lang": get_language() or DEFAULT,
        "title": session.title,
        "title_lang": session.language,
        "code": session.code,
        "address": address,
        "about": _("Report of the session of %(day)s, %(organiser)s")
        % {"day": date_format(session.day, "DATE_FORMAT"), "organiser": session.organiser_name},
        "state": "" if report.state == report.State.PUBLISHED else _("Draft: not published yet"),
        "lead": report.lead,
        "lead_lang": report.language,
        "sentences": list(account.sentences),
        "answered": [_row(one) for one in account.answered],
        "shared": [_row(one) for one in account.shared],
        "open": [_row(one) for one in account.open],
        "pledges": [
            {
                "text": one.text,
                "owner": one.owner_name,
                "due": date_format(one.due, "DATE_FORMAT"),
                "state": str(one.get_state_display()),
                "became": one.became,
            }
            for one in account.pledges
        ],
        "kinds": [[words, str(number)] for words, number in account.kinds],
        "words": {
            "asked": _("What people asked most"),
            "shared": _("What people shared"),
            "open": _("Where the open questions went"),
            "promised": _("What was promised"),
            "who": _("Who took part"),
            "question": _("Question"),
            "desk": _("Desk"),
            "due": _("Due"),
            "promise": _("Promise"),
            "by": _("By whom"),
            "state": _("State"),
            "kind": _("Kind of body"),
            "number": _("How many"),
        },
        "day": start.date().isoformat(),
    }


def _row(one: Told) -> dict[str, str]:
    return {
        "text": one.words or one.no_words,
        "lang": one.language or get_language() or DEFAULT,
        "answer": one.answer,
        "answer_lang": one.answer_language,
        "meta": meta(one),
        "desk": one.desk,
        "due": date_format(one.due, "DATE_FORMAT") if one.due else "",
    }


def meta(one: Told) -> str:
    """What stands in small letters under a question, in whole sentences."""
    parts = []
    if one.votes:
        parts.append(ngettext("%(number)s vote.", "%(number)s votes.", one.votes) % {"number": one.votes})
    if len(one.languages) > 1:
        parts.append(_("Asked in these languages: %(names)s.") % {"names": ", ".join(one.languages)})
    if one.place:
        parts.append(f"{one.place}.")
    parts.append(how_words(one))
    return " ".join(part for part in parts if part)


def how_words(one: Told) -> str:
    """What became of it, in a sentence."""
    if one.how == "live":
        if one.answered_by:
            return _("Answered on stage by %(who)s.") % {"who": one.answered_by}
        return _("Answered on stage.")
    if one.how == "written":
        return _("Answered in writing.")
    if one.how == "later":
        return _("Answered since by %(desk)s.") % {"desk": one.desk}
    if one.how == "declined":
        return _("Ended at the desk without an answer.")
    return ""
