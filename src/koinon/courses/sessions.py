"""A session becomes a module: its recording, and what was asked and answered in it."""

from django.utils import translation
from django.utils.translation import gettext as _

from koinon.agenda.models import Material, Session
from koinon.courses import hooks
from koinon.courses.actions.writing import Part
from koinon.courses.words import ModuleKind

_LONGEST = 11_000


def recording_of(session: Session) -> Material | None:
    """Its recording, if it is shown: only with captions or a transcript beside it."""
    rows = [row for row in session.material.all() if row.published]
    kinds = {row.kind for row in rows}
    if not kinds & {Material.Kind.CAPTIONS, Material.Kind.TRANSCRIPT}:
        return None
    return next((row for row in rows if row.kind == Material.Kind.RECORDING), None)


def is_for_all(session: Session) -> bool:
    """Whether everybody may know that there is this session."""
    return session.published and session.audience == Session.Audience.PUBLIC


def answered_in(session: Session) -> list[hooks.Answered]:
    return [one for ask in hooks.answered_in for one in ask(session)]


def made_of(session: Session) -> Part:
    """The module: the recording where there is one, the other material, then question by question what was answered."""
    recording = recording_of(session)
    language = (recording.language if recording else "") or session.language
    parts = [session.lead] if session.lead else []
    beside = [row for row in session.material.all() if row.published and row != recording]
    if beside:
        parts.append("\n".join(f"{row.title}: {row.url}" for row in beside))
    with translation.override(session.language):
        parts += [
            f"{_('Question')}: {one.asked}\n{_('Answer')}: {one.answer}" for one in answered_in(session)
        ]
    text, total = [], 0
    for part in parts:
        total += len(part) + 2
        if total > _LONGEST:
            break
        text.append(part)
    return Part(
        kind=ModuleKind.VIDEO if recording else ModuleKind.SESSION,
        title=session.title[:200],
        language=language if language else "en",
        text="\n\n".join(text),
        minutes=max(1, min(session.minutes, 600)),
        link=recording.url if recording else "",
        session=session,
    )
