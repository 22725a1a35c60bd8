"""What of the library is new for those who follow: practices published and told anew, who took them over."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy

from koinon.base.languages import without_language
from koinon.journal import fresh
from koinon.practices import listing
from koinon.practices.models import Practice


def join_in() -> None:
    """Called once, when practices are ready."""
    verbs = {
        "practice.published": gettext_lazy("New practice, or told anew"),
        "practice.restored": gettext_lazy("Practice brought back"),
        "practice.adoption_confirmed": gettext_lazy("Taken over by another place"),
        "practice.translated": gettext_lazy("Told in another language"),
    }
    fresh.sources.append(
        fresh.Source("practices", gettext_lazy("What worked elsewhere"), "practices.practice", verbs, load)
    )


def load(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Practices that are public now, in the reader's language where they are told in it; one query."""
    slugs = dict(
        Practice.objects.public().filter(pk__in=[int(key) for key in keys]).values_list("slug", "pk")
    )
    bodies = dict(
        Practice.objects.filter(slug__in=slugs, organisation__isnull=False).values_list(
            "slug", "organisation__slug"
        )
    )
    for row in listing.rows():
        if row.slug in slugs:
            yield fresh.Fresh(
                key=str(slugs[row.slug]),
                title=row.title,
                address=without_language(row.url),
                language=row.read_in,
                about=row.summary,
                places=tuple(place.code for place in (*row.places, *row.adopted)),
                topics=row.topics,
                objectives=row.objectives,
                organisations=(bodies[row.slug],) if row.slug in bodies else (),
                practices=(row.slug,),
                found=("practice", row.slug),
            )
