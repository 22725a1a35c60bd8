"""What of the questions can be found by search: published answers, with every wording that was kept. Nothing of a question itself."""

from collections.abc import Iterable, Sequence

from koinon.base.languages import without_language
from koinon.questions.models import Answer
from koinon.search import sources
from koinon.search.changes import touch
from koinon.search.documents import Document, Text

TYPE = "answer"


def join_in() -> None:
    """Register with the search."""
    sources.register(sources.Source(TYPE, _keys, documents))


def changed(answer: Answer) -> None:
    """This answer was published, changed or taken off. Call it in the transaction of the deed."""
    touch(TYPE, str(answer.pk))


def _keys() -> Iterable[str]:
    return (str(pk) for pk in Answer.objects.public().values_list("pk", flat=True).iterator())


def documents(keys: Sequence[str]) -> Iterable[Document]:
    """Public answers with their places and wordings; two queries more for all of them."""
    wanted = [int(key) for key in keys if key.isdecimal()]
    rows = Answer.objects.public().filter(pk__in=wanted).prefetch_related("places", "wordings")
    for row in rows:
        places = list(row.places.all())
        yield Document(
            type=TYPE,
            key=str(row.pk),
            address=without_language(row.get_absolute_url()),
            texts=tuple(_texts(row)),
            countries=tuple(dict.fromkeys(place.country for place in places if place.country)),
            places=tuple(place.code for place in places),
            objectives=tuple(topic for topic in row.topics if len(topic) == 1),
            on=row.published_at.date(),
        )


def _texts(row: Answer) -> Iterable[Text]:
    """The answer under its question; other wordings beside it, each in its language."""
    rest = row.asked.strip()[len(row.title.rstrip("…")) :].strip()
    body = f"{row.text}\n{rest}" if rest else row.text
    others: dict[str, list[str]] = {}
    for wording in row.wordings.all():
        others.setdefault(wording.language, []).append(wording.text)
    if row.asked_language != row.language:
        # The question and its answer are originals, each in its own language.
        yield Text(row.language, row.title, "\n".join([body, *others.pop(row.language, [])]))
        asked = [row.asked, *others.pop(row.asked_language, [])]
        yield Text(row.asked_language, row.title, "\n".join(asked))
    else:
        yield Text(row.language, row.title, "\n".join([body, *others.pop(row.language, [])]))
    for language, wordings in others.items():
        yield Text(language, wordings[0][:140], "\n".join(wordings))
