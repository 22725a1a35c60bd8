"""What the types of things are called that the search finds."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

TYPES: dict[str, tuple[str | Promise, str | Promise, str]] = {
    "answer": (lazy("Answer"), lazy("Answers"), "full"),
    "practice": (lazy("Practice"), lazy("Practices"), ""),
    "session": (lazy("Session"), lazy("Sessions"), ""),
    "call": (lazy("Call"), lazy("Calls"), ""),
    "course": (lazy("Course"), lazy("Courses"), ""),
    "space": (lazy("Space"), lazy("Spaces"), ""),
    "peer": (lazy("Offer or need"), lazy("Offers and needs"), ""),
    "review": (lazy("Peer review or visit"), lazy("Peer reviews and visits"), ""),
    "organisation": (lazy("Organisation"), lazy("Organisations"), ""),
    "news": (lazy("News"), lazy("News"), ""),
    "person": (lazy("Person"), lazy("People"), ""),
}
"""Type → its name, its plural, and the mark before it; in the order of the chips."""
