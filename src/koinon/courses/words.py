"""The words of courses: states, levels, kinds of modules and of questions, and the competences of a centre."""

from django.db import models
from django.utils.translation import gettext_lazy as _

COURSE_TEXTS = ("title", "lead", "about", "outcomes", "requires")
"""What is written of a course in a language; `outcomes` holds one on each line."""
MODULE_TEXTS = ("title", "text")
MOST_MODULES = 60
MOST_QUESTIONS = 40
MOST_CHOICES = 10


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Level(models.TextChoices):
    FIRST = "first", _("First level: nothing is needed")
    SECOND = "second", _("Second level: builds on practice")
    THIRD = "third", _("Third level: for those who teach others")


class Pace(models.TextChoices):
    SELF = "self", _("any time, at one’s own pace")
    DATES = "dates", _("on dates, together with others")


class ModuleKind(models.TextChoices):
    TEXT = "text", _("text")
    VIDEO = "video", _("video elsewhere")
    FILE = "file", _("file")
    SESSION = "session", _("session")
    TASK = "task", _("task")
    QUIZ = "quiz", _("questions")


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("one is right")
    SEVERAL = "several", _("several may be right")
    NUMBER = "number", _("a number")
    ORDER = "order", _("put in order")


class Competence(models.TextChoices):
    """What a centre can do, and the services that it is there for."""

    MAPPING = "mapping", _("Mapping the ecosystem")
    INTERACTION = "interaction", _("Continuous interaction")
    COCREATION = "cocreation", _("Co-creation")
    SCALING = "scaling", _("Scaling")
    CAPACITY = "capacity", _("Capacity building")
    NETWORKING = "networking", _("Networking")
    LEARNING = "learning", _("Mutual learning")


class Made(models.TextChoices):
    HUMAN = "human", _("translated by a person")
    MACHINE = "machine", _("translated by a machine")
