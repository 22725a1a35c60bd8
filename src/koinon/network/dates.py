"""Dates in words: as exactly as the source gives them, whole and in the language of the page."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.network.models import Dated, Precision


def in_words(day: date, precision: str = Precision.DAY) -> str:
    """A day, a month or a year: 17 May 2021, May 2021, 2021."""
    # Django's English is that of the United States; ours is that of the EU.
    english = (get_language() or "en").startswith("en")
    if precision == Precision.YEAR:
        return str(day.year)
    if precision == Precision.MONTH:
        return date_format(day, "F Y" if english else "YEAR_MONTH_FORMAT")
    return date_format(day, "j F Y" if english else "DATE_FORMAT")


def span(what: Dated) -> str:
    """From when until when something holds, in words; what is not known is said."""
    if what.since is None and what.until is None:
        return _("dates not known")
    if what.since is None:
        assert what.until is not None
        return _("beginning not known, until %(until)s") % {
            "until": in_words(what.until, what.until_precision)
        }
    since = in_words(what.since, what.since_precision)
    if what.until is None:
        return _("since %(since)s") % {"since": since}
    return _("%(since)s to %(until)s") % {
        "since": since,
        "until": in_words(what.until, what.until_precision),
    }
