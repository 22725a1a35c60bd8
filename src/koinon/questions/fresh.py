"""What of the questions is new for those who follow: published answers."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koinon.base.languages import without_language
from koinon.journal import fresh
from koinon.questions.models import Answer


def join_in() -> None:
    """Called once, when questions are ready."""
    verbs = {"answer.published": gettext_lazy("New answer"), "answer.changed": gettext_lazy("Answer changed")}
    fresh.sources.append(
        fresh.Source("answers", gettext_lazy("New answers"), "questions.answer", verbs, load)
    )


def load(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Answers that are public now; two queries."""
    rows = Answer.objects.public().filter(pk__in=[int(key) for key in keys]).select_related("body")
    for row in rows.prefetch_related("places"):
        yield fresh.Fresh(
            key=str(row.pk),
            title=row.title,
            address=without_language(row.get_absolute_url()),
            language=row.asked_language,
            about=_("Answered by %(body)s.") % {"body": row.body_name},
            places=tuple(place.code for place in row.places.all()),
            topics=tuple(topic for topic in row.topics if len(topic) > 1),
            objectives=tuple(topic for topic in row.topics if len(topic) == 1),
            organisations=(row.body.slug,) if row.body is not None else (),
            found=("answer", str(row.pk)),
        )
