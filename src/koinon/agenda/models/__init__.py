"""What is there: sessions with their parts, people and material; registrations and reminders."""

from koinon.agenda.models.feeds import CalendarFeed
from koinon.agenda.models.registrations import (
    BodyKind,
    Invitation,
    Registration,
    Reminder,
    Slip,
    Telling,
)
from koinon.agenda.models.sessions import Material, Segment, Series, Session, Speaker

__all__ = [
    "BodyKind",
    "CalendarFeed",
    "Invitation",
    "Material",
    "Registration",
    "Reminder",
    "Segment",
    "Series",
    "Session",
    "Slip",
    "Speaker",
    "Telling",
]
