"""A practice as it is read: its page, its versions, what changed between them, its pictures, who took it over."""

import difflib
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from koinon.base import uploads
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, ENDONYMS, language_name
from koinon.base.visitor import HttpRequest
from koinon.practices import concepts, drawing, nearby
from koinon.practices.asking import asking_at
from koinon.practices.content import Content, content_of, differing
from koinon.practices.life import State
from koinon.practices.listing import objectives
from koinon.practices.models import Adoption, Practice, Version
from koinon.practices.models.practices import tombstone
from koinon.practices.panels import panels_of
from koinon.practices.permissions import (
    is_owner,
    may_adopt,
    may_confirm,
    may_confirm_adoption,
    may_decide,
    may_delete,
    may_read_reviews,
    may_read_version,
    may_read_withdrawn,
    may_restore,
    may_revise,
    may_translate,
    may_withdraw,
    may_write,
)
from koinon.practices.pictures import Told, pictures_in, told
from koinon.practices.pictures import differing as differing_pictures
from koinon.practices.readings import Reading, languages_of, read
from koinon.practices.views.adopting import thread_of
from koinon.practices.views.common import version_of, visible
from koinon.practices.words import Evidence, EvidenceKind, Target

_INLINE = {"image/png", "image/jpeg", "image/webp"}


@governed("D4")
@require_safe
def practice(request: HttpRequest, slug: str) -> HttpResponse:
    """One practice, in the language of the page where there is a translation; `?read=` chooses another.

    Where it was withdrawn, the page says so and why (410); who answers for it still reads it.
    """
    gone = tombstone(slug[:120])
    if gone is not None:
        if may_read_withdrawn(request.visitor, gone):
            return _page(request, gone, gone.latest)
        return render(request, "practices/gone.html", {"practice": gone}, status=410)
    found = visible(request, slug)
    if found.state != State.PUBLISHED:
        return redirect(found.latest)
    version = found.latest
    version.practice = found
    response = _page(request, found, version)
    plain = found.is_public and not request.GET and not request.visitor.is_signed_in
    if plain and nearby.is_settled(found.slug):
        return shared(response)
    return response


@governed("D4")
@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version: a draft, one in review, or how it was told before."""
    found = visible(request, slug)
    return _page(request, found, version_of(request, found, number))


def _page(request: HttpRequest, found: Practice, version: Version) -> HttpResponse:
    visitor = request.visitor
    translations = languages_of(found, version)
    asked = request.GET.get("read", "")
    wanted = asked if asked in ENDONYMS else get_language() or DEFAULT
    reading = read(version, translations, wanted)
    is_current = found.shown_id == version.pk
    in_work = found.in_work if visitor.is_signed_in else None
    if in_work is not None:
        in_work.practice = found
    may = {
        "write": may_write(visitor, version),
        "delete": may_delete(visitor, found),
        "revise": may_revise(visitor, found) and is_current,
        "confirm": may_confirm(visitor, found) and is_current,
        "withdraw": may_withdraw(visitor, found) and is_current,
        "restore": may_restore(visitor, found),
        "translate": may_translate(visitor, found) and is_current,
        "adopt": may_adopt(visitor, found),
        "decide": may_decide(visitor, version),
        "read_reviews": bool(version.reviews.done().exists())
        and (may_read_reviews(visitor, version) or is_owner(visitor, found))
        if visitor.is_signed_in
        else False,
        "see_work": in_work is not None and in_work.pk != version.pk and may_read_version(visitor, in_work),
    }
    rows = Adoption.objects.seen_by(visitor).filter(practice=found)
    adoptions = list(
        rows.select_related(
            "practice__shown", "practice__centre", "adopter", "place", "leads_to"
        ).earliest_first()
    )
    for row in adoptions:
        row.practice = found
    confirmed = [row for row in adoptions if row.is_public]
    context: dict[str, Any] = {
        "practice": found,
        "version": version,
        "reading": reading,
        "said": reading.said,
        "may": may,
        "in_work": in_work,
        "is_current": is_current,
        "thread": thread_of(found, confirmed),
        "waiting": [(row, may_confirm_adoption(visitor, row)) for row in adoptions if not row.is_public],
        "languages_to_read": _languages(version, translations, reading),
        "came_from": list(
            Adoption.objects.public().filter(leads_to=found).select_related("practice__shown", "place")
        )
        if found.is_public
        else [],
        "json_ld": _json_ld(request, found, reading) if is_current else "",
        "asking": asking_at(found) if found.is_public else None,
        "alike": nearby.alike(found.slug) if is_current else [],
        "panels": panels_of(request, found, version) if is_current and found.is_public else [],
        **parts_of(found, version, confirmed),
    }
    response = render(request, "practices/practice.html", context)
    if not is_current:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def parts_of(found: Practice, version: Version, adoptions: "list[Adoption] | None" = None) -> dict[str, Any]:
    """What is shown of a version beside its texts: places with their map, pictures, codes in words, the way to ask."""
    language = get_language() or DEFAULT
    places = sorted(version.places.all(), key=lambda place: (-place.population, place.pk))
    names = objectives()
    tried = [*places, *(row.place for row in adoptions or [])]
    return {
        "places": places,
        "map": drawing.europe(tried),
        "pictures": pictures_in(version),
        "evidence_words": Evidence(version.evidence).label,
        "evidence_kind": EvidenceKind(version.evidence_kind).label if version.evidence_kind else "",
        "targets": [Target(code).label for code in version.targets if code in Target.values],
        "objectives": [(code, names.get(code, "")) for code in version.objectives],
        "topics": [(key, concepts.label(key, language)) for key in version.topics],
        "ask_url": _ask_url(found, version, places),
        "is_demo": found.is_demo,
    }


def _ask_url(found: Practice, version: Version, places: list[Any]) -> str:
    """Asking those who did it: a question about the practice, which begins with its title. No address is shown."""
    text = _("About the practice “%(title)s” (%(address)s): ") % {
        "title": version.title,
        "address": found.get_absolute_url(),
    }
    fields = {"practice": found.slug, "text": text} | ({"place": places[0].key} if places else {})
    return f"{reverse('ask')}?{urlencode(fields)}"


def _languages(
    version: Version, translations: dict[str, Any], reading: Reading
) -> list[tuple[str, str, str, bool]]:
    """The languages to read in: code, name, state, whether it is the one in use. The original first."""
    language = get_language() or DEFAULT
    rows = [(version.language, "original")]
    rows += [(code, one.state_for(version)) for code, one in sorted(translations.items())]
    return [
        (code, capfirst(language_name(code, language)), state, code == reading.language)
        for code, state in rows
    ]


@governed("D4")
@require_safe
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """Every version that this visitor may see, and what changed from one to the next."""
    found = visible(request, slug)
    rows = []
    for one in found.versions.order_by("number"):
        one.practice = found
        if may_read_version(request.visitor, one):
            rows.append(one)
    before = [None, *rows[:-1]]
    pairs = list(zip(rows, before, strict=True))[::-1] if rows else []
    context = {"practice": found, "version": found.latest, "pairs": pairs}
    return render(request, "practices/versions.html", context)


@governed("D4")
@require_safe
def changes(request: HttpRequest, slug: str, old: int, number: int) -> HttpResponse:
    """What differs between two versions, field by field, and in their pictures."""
    found = visible(request, slug)
    first, second = version_of(request, found, old), version_of(request, found, number)
    rows = differences(content_of(first), content_of(second))
    rows += picture_differences(told(pictures_in(first)), told(pictures_in(second)))
    context = {"practice": found, "version": second, "first": first, "second": second, "rows": rows}
    return render(request, "practices/changes.html", context)


def differences(before: Content, after: Content) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields in which two contents differ: what each is called, and its pieces."""
    rows = []
    for name in differing(before, after):
        field = Version._meta.get_field(name)
        label = capfirst(str(getattr(field, "verbose_name", name)))
        rows.append((label, _differences(_words_of(before, name), _words_of(after, name))))
    return rows


def picture_differences(
    before: Sequence[Told], after: Sequence[Told]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """The same for pictures, in one row; none where they are the same."""
    pieces = differing_pictures(before, after)
    return [(_("Pictures"), pieces)] if pieces else []


def _words_of(content: Any, name: str) -> str:
    value = getattr(content, name)
    if name == "places":
        return ", ".join(place.display_name() for place in value)
    if name == "links":
        return "\n".join(f"{label} | {address}" for label, address in value)
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def _differences(old: str, new: str) -> list[tuple[str, str]]:
    """Pieces of the two texts word by word: `same`, `out`, `in`. Texts too long to be compared so are told whole."""
    before, after = _tokens(old), _tokens(new)
    if len(before) + len(after) > 6000:
        return [("out", old), ("in", new)]
    found: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=True)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(before[i1:i2])))
            continue
        if i2 > i1:
            found.append(("out", "".join(before[i1:i2])))
        if j2 > j1:
            found.append(("in", "".join(after[j1:j2])))
    return found


def _tokens(text: str) -> list[str]:
    """Words with the blanks behind them."""
    found: list[str] = []
    for line in text.splitlines(keepends=True):
        found += [part + " " for part in line.split(" ")[:-1]] + [line.split(" ")[-1]]
    return found


@governed("D4")
@require_safe
def picture(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A picture, for those who may read a version that it belongs to."""
    found = visible(request, slug)
    one = found.pictures.select_related("since", "until").filter(code=code[:32]).first()
    if one is None or one.kind not in _INLINE:
        raise Http404
    if not (found.is_public and found.shown is not None and one.is_in(found.shown)):
        readable = [row for row in found.versions.all() if one.is_in(row)]
        for row in readable:
            row.practice = found
        if not any(may_read_version(request.visitor, row) for row in readable):
            raise Http404
    return HttpResponse(bytes(one.content), headers=uploads.headers(one.name, one.kind))


def _json_ld(request: HttpRequest, found: Practice, reading: Reading) -> SafeString:
    """The practice for programs (schema.org); every sign that could end the script element is written as an escape."""
    version = reading.version
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "@id": request.build_absolute_uri(found.get_absolute_url()),
        "headline": reading.said["title"].text,
        "abstract": reading.said["summary"].text,
        "inLanguage": reading.language,
        "version": version.number,
        "datePublished": found.published_at.isoformat() if found.published_at else None,
        "dateModified": version.changed_at.isoformat(),
        "keywords": [*version.topics, *(f"ESF+ {code}" for code in version.objectives)],
        "spatialCoverage": [
            {"@type": "Place", "identifier": place.key, "name": place.name} for place in version.places.all()
        ],
        "creator": {"@type": "Organization", "name": version.who} if version.who else None,
        "creativeWorkStatus": "" if reading.is_original else f"{reading.state} translation",
        "translationOfWork": None
        if reading.is_original
        else {"@type": "Article", "inLanguage": version.language, "headline": version.title},
        "isAccessibleForFree": True,
    }
    text = json.dumps({key: value for key, value in data.items() if value}, ensure_ascii=False)
    escapes = {"<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    return SafeString(text.translate({ord(sign): escape for sign, escape in escapes.items()}))
