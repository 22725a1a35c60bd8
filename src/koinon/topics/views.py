"""The words of the field and the objectives of the ESF+, each with where it is written."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from koinon.base.exits import Column, Listing, exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.topics.actions import article_14
from koinon.topics.models import Objective, Term

LISTING: Listing[Term] = Listing(
    name="glossary",
    title=_("Words of the field"),
    columns=(
        Column("term", lambda row: row.term),
        Column("meaning", lambda row: row.meaning),
        Column("sources", lambda row: row.sources),
        Column("certain", lambda row: row.certain),
        Column("checked_on", lambda row: row.checked_on),
    ),
    entry_title=lambda row: row.term,
    entry_url=lambda row: f"/about/glossary/#{row.slug}",
    entry_updated=lambda row: row.checked_on,
)


@governed("P1")
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """Words, the thirteen specific objectives, and Article 14."""
    words = list(Term.objects.words())
    if answer := LISTING.answer(request, words):
        return answer
    context = {
        "words": words,
        "objectives": list(Objective.objects.all()),
        "article_14": article_14(),
        "exits": [(exit_name(name), f"?format={name}") for name in ("csv", "json", "xlsx", "atom")],
    }
    return shared(render(request, "topics/glossary.html", context))
