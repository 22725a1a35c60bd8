"""Sums of money in words: `€40 000–120 000`, with spaces that do not break."""

from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

_NARROW = "\u202f"


def amount(value: Decimal | None, currency: str) -> str:
    """`€40 000`, `250 000 CZK`; empty where it is not known."""
    if value is None:
        return ""
    number = number_of(value)
    return f"€{number}" if currency == "EUR" else f"{number}\u00a0{currency}"


def number_of(value: Decimal) -> str:
    whole = int(value)
    text = f"{whole:,}".replace(",", _NARROW)
    rest = value - whole
    return f"{text}.{int(rest * 100):02}" if rest else text


class Paying(Protocol):
    """What pays: a call, or what pages of places know of one."""

    @property
    def least(self) -> Decimal | None: ...

    @property
    def most(self) -> Decimal | None: ...

    @property
    def currency(self) -> str: ...


def per_project(call: Paying) -> str:
    """How much one project may get; empty where it is not stated."""
    least, most = call.least, call.most
    if least is not None and most is not None:
        if least == most:
            return amount(most, call.currency)
        if call.currency == "EUR":
            return f"€{number_of(least)}–{number_of(most)}"
        return f"{number_of(least)}–{amount(most, call.currency)}"
    if most is not None:
        return _("up to %(sum)s") % {"sum": amount(most, call.currency)}
    if least is not None:
        return _("from %(sum)s") % {"sum": amount(least, call.currency)}
    return ""


def share_words(share: Decimal | None) -> str:
    """The EU's share, `95 %`; empty where it is not known."""
    return f"{share.normalize():f}\u00a0%" if share is not None else ""
