"""What a question is, where it lies, what was said, and what was learnt from it."""

from koinon.questions.models.about import AboutPractice
from koinon.questions.models.answers import Answer, Use, Wording
from koinon.questions.models.desks import Counter, Desk
from koinon.questions.models.files import File
from koinon.questions.models.questions import Assignment, Question, Step
from koinon.questions.models.support import Request, Triage

__all__ = [
    "AboutPractice",
    "Answer",
    "Assignment",
    "Counter",
    "Desk",
    "File",
    "Question",
    "Request",
    "Step",
    "Triage",
    "Use",
    "Wording",
]
