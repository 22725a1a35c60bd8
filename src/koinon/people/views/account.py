"""One's own account: who I am here, my roles, my keys, my data; and the administrator's page of accounts."""

import json
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth import logout as end_session
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest as DjangoRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.journal.models import Entry
from koinon.people import actions, mine
from koinon.people.forms import FarewellForm, ProfileForm, TokenForm, WhoForm
from koinon.people.models import Person, Token
from koinon.people.permissions import may_govern_accounts, may_make_token, may_use
from koinon.people.step_up import with_proof

SIGN_INS_SHOWN = 20
get_and_post = require_http_methods(["GET", "HEAD", "POST"])


def _me(request: HttpRequest) -> Person:
    person = get_object_or_404(Person, pk=request.visitor.person_id)
    require(may_use(request.visitor, person))
    return person


@governed("H1", GET="R", POST="U")
@get_and_post
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Everything about my account on one page; sending the form changes name and language."""
    person = _me(request)
    if request.method != "POST":
        return _page(request, person)
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _page(request, person, profile=form, status=422)
    actions.change_profile(
        person, by=request.visitor, name=form.cleaned_data["name"], language=form.cleaned_data["language"]
    )
    return redirect("people:account")


def _page(
    request: HttpRequest,
    person: Person,
    *,
    profile: ProfileForm | None = None,
    tokens: TokenForm | None = None,
    farewell: FarewellForm | None = None,
    new_secret: str = "",
    status: int = 200,
) -> HttpResponse:
    initial = {"name": person.name, "language": person.language}
    context: dict[str, Any] = {
        "person": person,
        "profile": profile or ProfileForm(initial=initial),
        "passkeys": Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).order_by(
            "pk"
        ),
        "may_make_token": may_make_token(request.visitor),
        "tokens": Token.objects.of(request.visitor.person_id),
        "token_form": tokens or TokenForm(initial={"scopes": [Token.Scope.READ]}),
        "new_secret": new_secret,
        "sign_ins": _sign_ins(person),
        "panels": [panel(request, person) for panel in mine.panels],
        "farewell": farewell or FarewellForm(email=person.email),
        "kept_by": actions.what_keeps(person),
        "may_govern": may_govern_accounts(request.visitor),
    }
    return render(request, "people/account.html", context, status=status)


def _sign_ins(person: Person) -> list[Entry]:
    mine_only = Entry.objects.filter(verb="person.signed_in", thing=f"people.person:{person.pk}")
    return list(mine_only.order_by("-pk")[:SIGN_INS_SHOWN])


@governed("H8", GET="R")
@require_safe
@login_required
def sign_ins(request: HttpRequest) -> HttpResponse:
    """When and how my account was signed in to."""
    person = _me(request)
    return render(request, "people/sign_ins.html", {"sign_ins": _sign_ins(person)})


@governed("H1", POST="U")
@require_POST
@login_required
def leave_everywhere(request: HttpRequest) -> HttpResponse:
    """Sign out on every device, this one too."""
    actions.sign_out_everywhere(_me(request), by=request.visitor)
    end_session(request)
    return redirect("account_login")


@governed("H4", GET="R", POST="C")
@get_and_post
@login_required
@with_proof
def tokens(request: HttpRequest) -> HttpResponse:
    """My keys to the API; sending the form makes one and shows it, this once."""
    require(may_make_token(request.visitor))
    person = _me(request)
    if request.method != "POST":
        return _page(request, person)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, person, tokens=form, status=422)
    _, secret = actions.make_token(
        person, by=request.visitor, label=form.cleaned_data["label"], scopes=form.cleaned_data["scopes"]
    )
    return _page(request, person, new_secret=secret, status=201)


@governed("H4", POST="D")
@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(Token, pk=pk)
    actions.revoke_token(token, by=request.visitor)
    mine_now = token.person_id == request.visitor.person_id
    return redirect("people:account") if mine_now else redirect("people:other", pk=token.person_id)


@governed("H1", GET="X")
@require_safe
@login_required
def data(request: HttpRequest) -> HttpResponse:
    """Everything that is kept about me, as a file."""
    person = _me(request)
    body = json.dumps(actions.export(person, by=request.visitor), ensure_ascii=False, indent=2, default=str)
    name = f"koinon-my-data-{timezone.localdate():%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type="application/json", headers=headers)


@governed("H1", POST="D")
@require_POST
@login_required
@with_proof
def close(request: HttpRequest) -> HttpResponse:
    """Close my account and have me forgotten."""
    person = _me(request)
    form = FarewellForm(request.POST, email=person.email)
    if not form.is_valid():
        return _page(request, person, farewell=form, status=422)
    try:
        actions.erase(person, by=request.visitor)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, person, farewell=form, status=422)
    end_session(request)
    return render(request, "people/closed.html")


# The administrator


@governed("H2", GET="R")
@require_safe
@login_required
def others(request: HttpRequest) -> HttpResponse:
    """Find an account by its whole address. There is no list to leaf through."""
    require(may_govern_accounts(request.visitor))
    form = WhoForm(request.GET or None)
    if form.is_valid():
        person = actions.find(form.cleaned_data["email"])
        if person is not None:
            return redirect("people:other", pk=person.pk)
        form.add_error("email", ValidationError("Nobody here has this address."))
    return render(request, "people/others.html", {"form": form}, status=422 if form.errors else 200)


@governed("H2", GET="R", POST="U")
@get_and_post
@login_required
def other(request: HttpRequest, pk: int) -> HttpResponse:
    """One account, as far as the administrator needs it; what is sent locks it, opens it, or has its person begin anew."""
    require(may_govern_accounts(request.visitor))
    person = get_object_or_404(Person, pk=pk)
    deeds = {"lock": actions.lock, "unlock": actions.unlock, "begin_anew": actions.begin_anew}
    if request.method == "POST":
        deed = deeds.get(request.POST.get("deed", ""))
        if deed is None:
            return _other(request, person, status=422)
        deed(person, by=request.visitor)
        return redirect("people:other", pk=person.pk)
    return _other(request, person)


def _other(request: DjangoRequest, person: Person, status: int = 200) -> HttpResponse:
    context = {"person": person, "tokens": Token.objects.of(person.pk)}
    return render(request, "people/other.html", context, status=status)
