"""What a question is, where it lies, what was said, and what was learnt from it."""

from koinon.questions.models.answers import Answer, Use, Wording
from koinon.questions.models.desks import Counter, Desk
from koinon.questions.models.files import File
from koinon.questions.models.questions import Assignment, Question, Step

__all__ = ["Answer", "Assignment", "Counter", "Desk", "File", "Question", "Step", "Use", "Wording"]
