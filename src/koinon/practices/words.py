"""What a practice can be said to be: the lists to choose from, and the texts that it is told in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

TEXTS = (
    "title summary who challenge approach steps results evidence_text not_shown costs funding time_to_start"
    " law money staff time_needed partners must_stay may_change stops lessons"
).split()
"""The fields of a version that are written in a language, and so can be translated."""
REQUIRED = ("title", "summary", "challenge", "approach")
"""What has to be said before it can be submitted."""
MOST_LINES = 40


class Kind(models.TextChoices):
    WORKED = "worked", _("worked")
    FAILED = "failed", _("did not work")


class Stage(models.TextChoices):
    IDEA = "idea", _("an idea")
    TRIED = "tried", _("being tried")
    RUNNING = "running", _("running")
    SPREAD = "spread", _("running in several places")
    ENDED = "ended", _("ended")


class Level(models.TextChoices):
    LOCAL = "local", _("local")
    REGIONAL = "regional", _("regional")
    NATIONAL = "national", _("national")
    CROSS_BORDER = "cross_border", _("across borders")
    EUROPEAN = "european", _("European")


class Cost(models.TextChoices):
    """What it costs in a year, in euro."""

    UNDER_20 = "under20", _("under €20 000")
    UNDER_100 = "under100", _("€20 000–100 000")
    UNDER_500 = "under500", _("€100 000–500 000")
    MORE = "more", _("more than €500 000")


COSTS_IN_ORDER = {code: place for place, code in enumerate(Cost.values, start=1)}


class Evidence(models.IntegerChoices):
    """How well it is shown, on the scale of five dots."""

    NONE = 0, _("Nothing yet")
    TOLD = 1, _("Told by those who did it")
    OWN_DATA = 2, _("Own data")
    OUTSIDE = 3, _("Evaluated from outside")
    SEVERAL = 4, _("Evaluated in several places")


class EvidenceKind(models.TextChoices):
    STORIES = "stories", _("stories and observations")
    MONITORING = "monitoring", _("monitoring data")
    SURVEY = "survey", _("a survey")
    BEFORE_AFTER = "before_after", _("before and after")
    COMPARISON = "comparison", _("a comparison group")
    EXPERIMENT = "experiment", _("a randomised experiment")


class Target(models.TextChoices):
    CHILDREN = "children", _("Children and families")
    YOUNG = "young", _("Young people")
    NEET = "neet", _("Young people neither in work nor in education")
    OLDER = "older", _("Older people")
    WOMEN = "women", _("Women")
    UNEMPLOYED = "unemployed", _("Long-term unemployed people")
    LOW_SKILLED = "low_skilled", _("People with few qualifications")
    WORKERS = "workers", _("Workers whose jobs change")
    MIGRANTS = "migrants", _("Migrants")
    REFUGEES = "refugees", _("Refugees")
    ROMA = "roma", _("Roma")
    DISABILITY = "disability", _("People with disabilities")
    HEALTH = "health", _("People with long illness or mental distress")
    HOMELESS = "homeless", _("Homeless people")
    PRISON = "prison", _("People leaving prison")
    CARERS = "carers", _("Carers")
    POVERTY = "poverty", _("People in poverty")
    RURAL = "rural", _("People in rural or remote places")
    ENTERPRISES = "enterprises", _("Social enterprises")
    ADMINISTRATION = "administration", _("Public administrations")


class Why(models.TextChoices):
    """Why a practice was withdrawn: the one thing that its place still tells."""

    ASKED = "asked", _("those who did it asked for it")
    WRONG = "wrong", _("it was found to be wrong")
    PERSONAL = "personal", _("it held personal data")
    RIGHTS = "rights", _("somebody else holds the rights")
    OUTDATED = "outdated", _("it no longer holds")
    NOTICE = "notice", _("it was reported and the report was right")
