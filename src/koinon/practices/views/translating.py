"""Telling a practice in another language, side by side with the original."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from koinon.base.governance import governed
from koinon.base.languages import ENDONYMS
from koinon.base.visitor import HttpRequest, require
from koinon.practices import machine
from koinon.practices.actions import translating
from koinon.practices.forms import TranslationForm
from koinon.practices.models import Practice, Translation, Version
from koinon.practices.permissions import may_remove_translation, may_translate
from koinon.practices.readings import languages_of
from koinon.practices.views.common import visible

get_and_post = require_http_methods(["GET", "HEAD", "POST"])


def _told(request: HttpRequest, slug: str, language: str) -> tuple[Practice, Version]:
    """A public practice and its version, for another of the 24 languages."""
    practice = visible(request, slug)
    require(may_translate(request.visitor, practice))
    version = practice.shown
    if version is None or language not in ENDONYMS or language == version.language:
        raise Http404
    return practice, version


@governed("D6", GET="C", POST="C")
@get_and_post
@login_required
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """Which language: what is there, and what is missing."""
    practice = visible(request, slug)
    require(may_translate(request.visitor, practice))
    version = practice.shown
    if version is None:
        raise Http404
    if request.method == "POST":
        chosen = request.POST.get("language", "")
        if chosen not in ENDONYMS or chosen == version.language:
            raise Http404
        return redirect("practices:translate", slug, chosen)
    there = languages_of(practice, version)
    rows = [
        (code, there[code].state_for(version) if code in there else "")
        for code in ENDONYMS
        if code != version.language
    ]
    return render(
        request, "practices/languages.html", {"practice": practice, "version": version, "rows": rows}
    )


@governed("D6", GET="U", POST="U")
@get_and_post
@login_required
def translate(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """The texts beside the original; what is left empty is read in the original."""
    practice, version = _told(request, slug, language)
    there = languages_of(practice, version).get(language)
    now = there if there is not None and there.version_id == version.pk else None
    if request.method != "POST":
        begun = dict(there.texts) if there is not None else {}
        initial = begun | {"edits": now.edits if now is not None else 0}
        form = TranslationForm(initial=initial, version=version, language=language)
        return _page(request, practice, version, language, form, there)
    form = TranslationForm(request.POST, version=version, language=language)
    if not form.is_valid():
        return _page(request, practice, version, language, form, there, status=422)
    try:
        translating.translate(
            practice,
            by=request.visitor,
            language=language,
            edits=form.cleaned_data["edits"],
            texts=form.texts(),
        )
    except translating.Changed as changed:
        kept = request.POST.copy()
        kept["edits"] = str(changed.current.edits if changed.current is not None else 0)
        again = TranslationForm(kept, version=version, language=language)
        return _page(request, practice, version, language, again, there, changed=changed.current, status=409)
    except translating.NotPossible:
        raise Http404 from None
    return redirect(f"{practice.get_absolute_url()}?read={language}")


def _page(
    request: HttpRequest,
    practice: Practice,
    version: Version,
    language: str,
    form: TranslationForm,
    there: Translation | None,
    *,
    changed: Translation | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "practice": practice,
        "version": version,
        "target": language,
        "form": form,
        "there": there,
        "state": there.state_for(version) if there is not None else "",
        "changed": sorted(changed.texts.items()) if changed is not None else None,
        "service": machine.service(),
        "may_remove": there is not None and may_remove_translation(request.visitor, practice),
    }
    return render(request, "practices/translate.html", context, status=status)


@governed("D6", POST="C")
@require_POST
@login_required
def by_machine(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Let the configured service translate it; what comes is labelled as a machine's."""
    practice, version = _told(request, slug, language)
    there = languages_of(practice, version).get(language)
    form = TranslationForm({"edits": "0"}, version=version, language=language)
    if not machine.is_on():
        raise Http404
    try:
        translating.translate_by_machine(practice, by=request.visitor, language=language)
    except machine.Away:
        form.add_error(
            None, _("The translation service does not answer. Nothing was changed; try again later.")
        )
        return _page(request, practice, version, language, form, there, status=503)
    except translating.NotPossible:
        raise Http404 from None
    return redirect(f"{practice.get_absolute_url()}?read={language}")


@governed("D6", POST="D")
@require_POST
@login_required
def remove(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Take a translation away."""
    practice = visible(request, slug)
    require(may_remove_translation(request.visitor, practice))
    found = languages_of(practice, practice.latest).get(language)
    if found is None:
        raise Http404
    translating.remove(found, by=request.visitor)
    return redirect(practice)
