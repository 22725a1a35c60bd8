"""An owner's work on its own page: changing the facts, showing or hiding the page, confirming it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.network.actions import facts as actions
from koinon.network.forms.facts import FactsForm
from koinon.network.models import Organisation
from koinon.network.permissions.facts import may_confirm, may_edit, may_publish
from koinon.network.views.organisation import visible

get_and_post = require_http_methods(["GET", "HEAD", "POST"])


@governed("A1", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the facts of one's own organisation."""
    organisation = visible(request, slug)
    if organisation.is_shared:
        raise Http404
    return _edit(request, organisation)


@governed("A4", GET="U", POST="U")
@get_and_post
@login_required
def edit_consortium(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the facts of the consortium that one leads."""
    organisation = visible(request, slug)
    if not organisation.is_shared:
        raise Http404
    return _edit(request, organisation)


def _edit(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    require(may_edit(request.visitor, organisation))
    if request.method != "POST":
        return _form(request, organisation, FactsForm(of=organisation))
    form = FactsForm(request.POST, of=organisation)
    if not form.is_valid():
        return _form(request, organisation, form, status=422)
    data = form.cleaned_data
    try:
        actions.edit(
            organisation,
            by=request.visitor,
            version=data["version"],
            name=data["name"],
            name_local=data["name_local"],
            city=data["city"],
            website=data["website"],
            contact=data["contact"],
            languages=data["languages"],
            lead_text=data["lead_text"],
            state=data.get("state", ""),
        )
    except actions.Changed as changed:
        return _both(request, changed.current, form)
    return redirect(organisation)


def _both(request: HttpRequest, current: Organisation, form: FactsForm) -> HttpResponse:
    """Somebody else was faster: what was typed stays in the form, what stands now is shown beside it."""
    typed = form.cleaned_data
    differs = [
        (str(form[key].label), getattr(current, key))
        for key in actions.EDITABLE
        if key in form.fields and getattr(current, key) != typed.get(key)
    ]
    kept = request.POST.copy()
    kept["version"] = str(current.version)
    return _form(request, current, FactsForm(kept, of=current), differs=differs, status=409)


def _form(
    request: HttpRequest,
    organisation: Organisation,
    form: FactsForm,
    *,
    differs: list[tuple[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"organisation": organisation, "form": form, "differs": differs}
    return render(request, "network/edit.html", context, status=status)


@governed("A2", POST="P")
@require_POST
@login_required
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page to all, or take it back into a draft."""
    organisation = visible(request, slug)
    require(may_publish(request.visitor, organisation))
    actions.publish(organisation, by=request.visitor, published=request.POST.get("published") == "yes")
    return redirect(organisation)


@governed("A8", POST="U")
@require_POST
@login_required
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """Its owner, signed in, says that the page is right today."""
    organisation = visible(request, slug)
    require(may_confirm(request.visitor, organisation))
    actions.confirm(organisation, by=request.visitor)
    return redirect(organisation)


@governed("A8", GET="R", POST="U")
@get_and_post
def confirm_by_link(request: HttpRequest, code: str) -> HttpResponse:
    """The link of the mail. Opening it shows the facts and a button; only the button confirms."""
    found = actions.confirmation(code[:100])
    if found is None:
        raise Http404
    if request.method != "POST":
        return render(request, "network/confirm.html", {"organisation": found.organisation, "found": found})
    organisation = actions.confirm_by_link(found)
    if organisation is None:
        raise Http404
    return render(request, "network/confirm.html", {"organisation": organisation, "done": True})
