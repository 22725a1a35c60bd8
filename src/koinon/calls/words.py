"""The words of calls: who may apply, in which money, what a condition asks, what came of one."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Applicant(models.TextChoices):
    """Kinds of bodies that calls speak of."""

    MUNICIPALITY = "municipality", _("Municipality, or a body of one")
    REGION = "region", _("Region or province")
    PUBLIC = "public_body", _("Another public body: a school, an employment service")
    ASSOCIATION = "association", _("Association, charity, foundation")
    SOCIAL = "social_enterprise", _("Social enterprise, cooperative")
    COMPANY = "company", _("Company")
    RESEARCH = "research", _("University, research institute")
    PARTNERS = "social_partner", _("Trade union, employers’ organisation, chamber")
    PERSON = "person", _("One person")


class Currency(models.TextChoices):
    """The euro, and the currencies of the Member States that have their own."""

    EUR = "EUR", "EUR"
    CZK = "CZK", "CZK"
    DKK = "DKK", "DKK"
    HUF = "HUF", "HUF"
    PLN = "PLN", "PLN"
    RON = "RON", "RON"
    SEK = "SEK", "SEK"
    BGN = "BGN", "BGN"


class Stage(models.TextChoices):
    """Where a public call stands at a moment."""

    OPEN = "open", _("open")
    COMING = "coming", _("opens later")
    CLOSED = "closed", _("closed")


class Kind(models.TextChoices):
    """What a condition asks of somebody who wants to apply."""

    PARTNERS = "partners", _("So many partners at least")
    ABROAD = "abroad", _("So many partners from other Member States at least")
    START_FROM = "start_from", _("It begins on this day or later")
    START_UNTIL = "start_until", _("It begins on this day at the latest")
    MONTHS_MOST = "months_most", _("It lasts so many months at most")
    MONTHS_LEAST = "months_least", _("It lasts so many months at least")
    YEARS_LEAST = "years_least", _("The body is so many years old at least")
    YEARS_MOST = "years_most", _("The body is so many years old at most")
    SHARE = "share", _("It brings so many per cent of its own")
    YES = "yes", _("A question of your own, to be answered with yes")
    NO = "no", _("A question of your own, to be answered with no")
    UNCHECKED = "unchecked", _("What no question can settle, such as debts or state aid")


# Kinds that need a whole number, a day, a question in words.
WITH_NUMBER = frozenset(
    {
        Kind.PARTNERS,
        Kind.ABROAD,
        Kind.MONTHS_MOST,
        Kind.MONTHS_LEAST,
        Kind.YEARS_LEAST,
        Kind.YEARS_MOST,
        Kind.SHARE,
    }
)
WITH_DAY = frozenset({Kind.START_FROM, Kind.START_UNTIL})
WITH_WORDS = frozenset({Kind.YES, Kind.NO, Kind.UNCHECKED})


class Deed(models.TextChoices):
    """What was done with a call that everybody sees."""

    PUBLISHED = "published", _("published")
    CORRECTED = "corrected", _("corrected")
    MOVED = "moved", _("deadline moved")
    CONDITIONS = "conditions", _("conditions changed")
    CHECKED = "checked", _("held against its source")
    CONFIRMED = "confirmed", _("confirmed by who opened it")
    OPENED = "opened", _("opened")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn")
