"""What of the network is new for those who follow: bodies that came, and facts that changed."""

from collections.abc import Iterable, Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from koinon.base.languages import without_language
from koinon.journal import fresh
from koinon.network.models import Organisation


def join_in() -> None:
    """Called once, when the network is ready."""
    verbs = {
        "organisation.published": gettext_lazy("New in the directory"),
        "organisation.edited": gettext_lazy("Facts changed"),
    }
    fresh.sources.append(
        fresh.Source("network", gettext_lazy("The network"), "network.organisation", verbs, load)
    )


def load(keys: Sequence[str]) -> Iterable[fresh.Fresh]:
    """Organisations that are public now; one query. A body of no country is everybody's."""
    for row in Organisation.objects.public().filter(pk__in=[int(key) for key in keys]):
        yield fresh.Fresh(
            key=str(row.pk),
            title=row.name,
            address=without_language(row.get_absolute_url()),
            about=capfirst(str(row.get_kind_display())) + ".",
            places=(row.country,) if row.country else (),
            organisations=(row.slug,),
            found=("organisation", row.slug),
        )
