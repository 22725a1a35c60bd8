"""The people of an organisation: who works there, letting in and out, leaving, and what was done."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.network.actions import roles as actions
from koinon.network.forms.people import InvitationForm
from koinon.network.models import Organisation, Role
from koinon.network.permissions.roles import grantable, may_grant, may_read_journal, may_see_people
from koinon.network.visitor import Visitor
from koinon.people.step_up import with_passkey


def _organisation(request: HttpRequest, slug: str) -> Organisation:
    return get_object_or_404(Organisation.objects.seen_by(request.visitor), slug=slug)


def _visitor(request: HttpRequest) -> Visitor:
    assert isinstance(request.visitor, Visitor)
    return request.visitor


@governed("H2", GET="R")
@require_safe
@login_required
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Who works here, with role and dates."""
    organisation = _organisation(request, slug)
    require(may_see_people(_visitor(request), organisation))
    return _page(request, organisation)


def _page(
    request: HttpRequest, organisation: Organisation, form: InvitationForm | None = None, status: int = 200
) -> HttpResponse:
    visitor = _visitor(request)
    kinds = grantable(visitor, organisation)
    held = Role.objects.in_organisation(organisation)
    context = {
        "organisation": organisation,
        "roles": list(held.today()),
        "former": [role for role in held if role.until is not None],
        "form": form or (InvitationForm(kinds=kinds) if kinds else None),
        "kinds": kinds,
        "may_read_journal": may_read_journal(visitor, organisation),
    }
    return render(request, "network/people.html", context, status=status)


@governed("H3", POST="A")
@require_POST
@login_required
@with_passkey
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Let somebody in: the role is granted at once, the mail says so."""
    organisation, visitor = _organisation(request, slug), _visitor(request)
    require(may_grant(visitor, request.POST.get("kind", ""), organisation, None))
    form = InvitationForm(request.POST, kinds=grantable(visitor, organisation))
    if form.is_valid():
        try:
            actions.invite(
                form.cleaned_data["email"],
                by=visitor,
                kind=form.cleaned_data["kind"],
                organisation=organisation,
            )
        except ValidationError as error:
            form.add_error("email", error)
        else:
            return redirect("network:people", slug=organisation.slug)
    return _page(request, organisation, form, status=422)


@governed("H3", POST="A")
@require_POST
@login_required
@with_passkey
def end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End somebody's role here."""
    organisation, visitor = _organisation(request, slug), _visitor(request)
    require(may_see_people(visitor, organisation))
    role = get_object_or_404(Role.objects.in_organisation(organisation), pk=pk)
    try:
        actions.end(role, by=visitor)
    except ValidationError as error:
        return _refused(request, organisation, error)
    return redirect("network:people", slug=organisation.slug)


def _refused(request: HttpRequest, organisation: Organisation, error: ValidationError) -> HttpResponse:
    context = {"organisation": organisation, "why": " ".join(error.messages)}
    return render(request, "network/role_stays.html", context, status=409)


@governed("H1", POST="U")
@require_POST
@login_required
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a role of my own."""
    visitor = _visitor(request)
    role = get_object_or_404(Role, pk=pk)
    try:
        actions.leave(role, by=visitor)
    except ValidationError as error:
        assert role.organisation
        return _refused(request, role.organisation, error)
    return redirect("people:account")


@governed("H8", GET="R")
@require_safe
@login_required
def journal(request: HttpRequest, slug: str) -> HttpResponse:
    """What was done in this organisation, by whom and when; nobody can change it."""
    organisation = _organisation(request, slug)
    require(may_read_journal(_visitor(request), organisation))
    context = {"organisation": organisation, "entries": actions.journal_of(organisation)}
    return render(request, "network/journal.html", context)
