"""The expert directory: who chose to be listed, for whoever has an account; and one's own profile."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, ENDONYMS, language_name
from koinon.base.paging import page_of
from koinon.base.text import fold
from koinon.base.visitor import HttpRequest, require
from koinon.network.views import asked as typed
from koinon.peers import directory
from koinon.peers.actions import profiles
from koinon.peers.forms import ProfileForm
from koinon.peers.models import Entry, Profile
from koinon.peers.models.profiles import bodies_now
from koinon.peers.permissions import may_end_profile, may_have_profile, may_see_people, may_take_down
from koinon.peers.views.board import format_names
from koinon.peers.words import Format
from koinon.practices import concepts

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 30


@governed("E1b")
@require_safe
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """Who is listed, by topic, language and form. There is no file of it, and no feed."""
    require(may_see_people(request.visitor), hidden=True)
    words = fold(typed.text(request).strip()).split()
    topics = {value[:80] for value in request.GET.getlist("topic")[:30]}
    languages = set(typed.among(request, "language", set(ENDONYMS)))
    forms = set(typed.among(request, "format", set(Format.values)))
    spoken = get_language() or DEFAULT
    listed = directory.listed(request.visitor)
    found = [
        one
        for one in listed
        if (not topics or topics.intersection(one.topics))
        and (not languages or languages.intersection(one.languages))
        and (not forms or forms.intersection(one.formats))
        and directory.has_words(one, words, spoken)
    ]
    page = page_of(request, found, A_PAGE)
    bodies = bodies_now(list(page))
    context = {
        "page": page,
        "count": len(found),
        "rows": [
            (one, directory.topic_names(one, spoken), _languages(one, spoken), bodies.get(one.pk))
            for one in page
        ],
        "q": typed.text(request).strip(),
        "facets": [
            (
                "topic",
                _choices({key for one in listed for key in one.topics}, topics, spoken, concepts.label),
            ),
            (
                "language",
                _choices({c for one in listed for c in one.languages}, languages, spoken, language_name),
            ),
            ("format", _choices({f for one in listed for f in one.formats}, forms, spoken, _format_name)),
        ],
        "is_filtered": bool(words or topics or languages or forms),
        "own": Profile.objects.seen_by(request.visitor).filter(person=request.visitor.person_id).first(),
    }
    return render(request, "peers/people.html", context)


def _format_name(value: str, spoken: str) -> str:
    return str(Format(value).label) if value in Format.values else value


def _choices(values: set[str], ticked: set[str], spoken: str, label: Any) -> list[tuple[str, str, bool]]:
    named = [(value, capfirst(label(value, spoken)), value in ticked) for value in values | ticked]
    return sorted(named, key=lambda choice: fold(choice[1]))


def _languages(one: Profile, spoken: str) -> str:
    return ", ".join(capfirst(language_name(code, spoken)) for code in one.languages)


@governed("E1b")
@require_safe
@login_required
def person(request: HttpRequest, code: str) -> HttpResponse:
    """One who is listed, with what they offer and need."""
    rows = Profile.objects.seen_by(request.visitor).select_related("person", "organisation")
    found = get_object_or_404(rows, code=code[:12])
    spoken = get_language() or DEFAULT
    entries = Entry.objects.seen_by(request.visitor).open().filter(person=found.person_id).newest_first()
    context = {
        "profile": found,
        "body": bodies_now([found]).get(found.pk),
        "topics": [(key, concepts.label(key, spoken)) for key in found.topics],
        "works_in": _languages(found, spoken),
        "formats": format_names(found.formats),
        "entries": entries.with_owners()[:20],
        "is_own": found.person_id == request.visitor.person_id,
        "may_end": found.listed and may_end_profile(request.visitor, found),
        "may_take_down": may_take_down(request.visitor) and found.removed_at is None,
    }
    return render(request, "peers/person.html", context)


@governed("E1b", GET="C", POST="C")
@get_and_post
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """One's own words, and whether they are listed."""
    require(may_have_profile(request.visitor), hidden=True)
    own = (
        Profile.objects.seen_by(request.visitor)
        .filter(person=request.visitor.person_id)
        .select_related("person")
        .first()
    )
    form = ProfileForm(request.POST if request.method == "POST" else None, by=request.visitor, of=own)
    context: dict[str, Any] = {"form": form, "profile": own}
    if request.method != "POST":
        return render(request, "peers/profile.html", context)
    if not form.is_valid():
        return render(request, "peers/profile.html", context, status=422)
    try:
        made = profiles.write(form.told(), by=request.visitor, edits=form.cleaned_data["edits"])
    except profiles.Changed as changed:
        kept = request.POST.copy()
        kept["edits"] = str(changed.current.edits)
        again = ProfileForm(kept, by=request.visitor, of=changed.current)
        context = {"form": again, "profile": changed.current, "there": changed.current}
        return render(request, "peers/profile.html", context, status=409)
    return redirect(made)


@governed("E1b", POST="D")
@require_POST
@login_required
def unlist(request: HttpRequest, code: str) -> HttpResponse:
    """Listed no longer."""
    found = get_object_or_404(Profile.objects.seen_by(request.visitor), code=code[:12])
    require(may_end_profile(request.visitor, found))
    profiles.unlist(found, by=request.visitor)
    return redirect("peers:people")
