"""What of the network can be found by search: organisations that are public, with what they offer."""

from collections.abc import Iterable, Sequence

from koinon.base.languages import without_language
from koinon.network.models import Coverage, Organisation, Service
from koinon.search import sources
from koinon.search.changes import touch
from koinon.search.documents import Document, Text

TYPE = "organisation"


def join_in() -> None:
    """Register with the search."""
    sources.register(sources.Source(TYPE, _keys, documents, has_meaning=False))


def changed(*slugs: str) -> None:
    """These organisations are new, changed or gone. Call it in the transaction of the deed."""
    touch(TYPE, *slugs)


def _keys() -> Iterable[str]:
    return Organisation.objects.public().values_list("slug", flat=True).iterator()


def documents(slugs: Sequence[str]) -> Iterable[Document]:
    """Public organisations with their names, services and where they serve; two queries more for all of them."""
    rows = list(Organisation.objects.public().filter(slug__in=slugs))
    keys = [row.pk for row in rows]
    services: dict[int, list[str]] = {}
    for organisation, text in Service.objects.filter(organisation__in=keys).values_list(
        "organisation", "text"
    ):
        services.setdefault(organisation, []).append(text)
    serves: dict[int, list[str]] = {}
    for consortium, country in Coverage.objects.filter(consortium__in=keys).values_list(
        "consortium", "country"
    ):
        serves.setdefault(consortium, []).append(country)
    for row in rows:
        yield Document(
            type=TYPE,
            key=row.slug,
            address=without_language(row.get_absolute_url()),
            texts=(Text("en", row.name, _body(row, services.get(row.pk, []))),),
            countries=tuple(dict.fromkeys(code for code in (row.country, *serves.get(row.pk, [])) if code)),
            on=row.confirmed_on or row.checked_on,
        )


def _body(row: Organisation, services: Iterable[str]) -> str:
    names = " · ".join(part for part in (row.acronym, row.name_local, row.city) if part)
    lines = [row.lead_text, *services, *(str(sentence) for sentence in row.did), names]
    return "\n".join(line for line in lines if line)
