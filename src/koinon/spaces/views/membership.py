"""Coming into a space and leaving it, one's own name and mails, and what hosts decide about members."""

from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.spaces import telling
from koinon.spaces.actions import joining, keeping
from koinon.spaces.finding import invitation_by, opened, space_behind
from koinon.spaces.forms import InviteForm, MembershipForm, NameForm, ReasonForm, RefusalForm
from koinon.spaces.models import Member, Space
from koinon.spaces.permissions import (
    may_host,
    may_join,
    may_keep_membership,
    may_knock,
    may_see_members,
    member_of,
)
from koinon.spaces.views.spaces import space_page

AnyForm = TypeVar("AnyForm", NameForm, MembershipForm)
get_and_post = require_http_methods(["GET", "HEAD", "POST"])


def _own_name(request: HttpRequest) -> str:
    return str(getattr(getattr(request.visitor, "person", None), "name", ""))


def _taken(form: AnyForm) -> AnyForm:
    form.add_error("name", _("Somebody here is called so already. Choose a name that tells you apart."))
    return form


@governed("N7", POST="C")
@require_POST
@login_required
def join(request: HttpRequest, code: str) -> HttpResponse:
    """Join an open space."""
    space = opened(request, code)
    require(may_join(request.visitor, space))
    form = NameForm(request.POST)
    if not form.is_valid():
        return space_page(request, space, form=form, status=422)
    try:
        joining.join(space, by=request.visitor, name=form.cleaned_data["name"])
    except joining.ShownOut:
        return space_page(request, space, form=form, trouble="shown_out", status=409)
    except joining.Full:
        return space_page(request, space, form=form, trouble="full", status=409)
    except joining.NameTaken:
        return space_page(request, space, form=_taken(form), status=409)
    return redirect(space)


@governed("N8", GET="C", POST="C")
@get_and_post
@login_required
def door(request: HttpRequest, code: str) -> HttpResponse:
    """The door of a closed space, for who was told its address: what it is for, asking to join, and what became of it."""
    space = space_behind(code)
    require(space is not None and may_knock(request.visitor), hidden=True)
    assert space is not None
    if member_of(request.visitor, space) is not None:
        return redirect(space)
    before = Member.objects.filter(space=space, person=request.visitor.person_id).first()
    form = NameForm(
        request.POST if request.method == "POST" else None,
        name=before.name if before is not None else _own_name(request),
        asks=True,
    )
    trouble, status = "", 200
    if request.method == "POST":
        trouble, status = "", 422
        if form.is_valid():
            try:
                joining.knock(
                    space,
                    by=request.visitor,
                    door=code,
                    name=form.cleaned_data["name"],
                    words=form.cleaned_data["words"],
                )
                return redirect(reverse("spaces:door", args=[code]))
            except joining.Full:
                trouble, status = "full", 409
            except joining.Gone:
                raise Http404 from None
    context = {"space": space, "form": form, "code": code, "mine": before, "trouble": trouble}
    return render(request, "spaces/door.html", context, status=status)


@governed("N8", GET="C", POST="C")
@get_and_post
@login_required
def invitation(request: HttpRequest, code: str) -> HttpResponse:
    """What an invitation leads into, and taking it up. A GET takes up nothing: scanners of mail follow every link."""
    found = invitation_by(code)
    if found is None or not may_knock(request.visitor):
        return render(request, "spaces/nothing.html", {"what": "invitation"}, status=404)
    form = NameForm(request.POST if request.method == "POST" else None, name=_own_name(request))
    trouble, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                joining.accept(found, by=request.visitor, name=form.cleaned_data["name"])
                return redirect(found.space)
            except joining.Gone:
                return render(request, "spaces/nothing.html", {"what": "invitation"}, status=404)
            except joining.ShownOut:
                trouble, status = "shown_out", 409
            except joining.NotLetIn:
                trouble, status = "refused", 409
            except joining.Full:
                trouble, status = "full", 409
            except joining.NameTaken:
                form, status = _taken(form), 409
    context = {"space": found.space, "form": form, "code": code, "trouble": trouble}
    return render(request, "spaces/invitation.html", context, status=status)


@governed("N7", GET="U", POST="U")
@csrf_exempt
@get_and_post
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """One click in a mail: no more mails of this space.

    A GET stops nothing: scanners of mail follow every link. The unguessable code is the authority. Twice says the same as once.
    """
    found = telling.member_by(code)
    if found is None:
        return render(request, "spaces/nothing.html", {"what": "stop"}, status=404)
    if request.method == "POST":
        joining.stop(code)
        return render(request, "spaces/stopped.html", {"space": found.space})
    return render(request, "spaces/stop.html", {"space": found.space, "code": code})


@governed("N7", GET="U", POST="U")
@get_and_post
@login_required
def me(request: HttpRequest, code: str) -> HttpResponse:
    """One's own name here, and which mails come."""
    space = opened(request, code)
    require(may_keep_membership(request.visitor, space))
    mine = Member.objects.get(space=space, person=request.visitor.person_id)
    if request.method != "POST":
        return _me(request, space, mine, MembershipForm(of=mine))
    form = MembershipForm(request.POST, of=mine)
    if not form.is_valid():
        return _me(request, space, mine, form, status=422)
    data = form.cleaned_data
    try:
        joining.keep(space, by=request.visitor, name=data["name"], mail=data["mail"], edits=data["edits"])
    except joining.Changed as changed:
        kept = request.POST.copy()
        kept["edits"] = str(changed.current.edits)
        again = MembershipForm(kept, of=changed.current)
        return _me(request, space, changed.current, again, there=changed.current, status=409)
    except joining.NameTaken:
        return _me(request, space, mine, _taken(form), status=409)
    return redirect(space)


def _me(
    request: HttpRequest,
    space: Space,
    mine: Member,
    form: MembershipForm,
    *,
    there: Member | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "space": space,
        "mine": mine,
        "form": form,
        "there": there,
        "trouble": trouble,
        "address": telling.address_for(space, mine),
    }
    return render(request, "spaces/me.html", context, status=status)


@governed("N7", GET="D", POST="D")
@get_and_post
@login_required
def leave(request: HttpRequest, code: str) -> HttpResponse:
    """Asks once, then one is gone."""
    space = opened(request, code)
    require(may_keep_membership(request.visitor, space))
    if request.method != "POST":
        return render(request, "spaces/leave.html", {"space": space})
    try:
        joining.leave(space, by=request.visitor)
    except joining.LastHost:
        return render(request, "spaces/leave.html", {"space": space, "trouble": "last_host"}, status=409)
    return redirect("spaces:list")


@governed("N7", POST="D")
@require_POST
@login_required
def step_back(request: HttpRequest, code: str) -> HttpResponse:
    """Be no longer host."""
    space = opened(request, code)
    require(may_keep_membership(request.visitor, space))
    try:
        joining.step_back(space, by=request.visitor)
    except joining.LastHost:
        mine = Member.objects.get(space=space, person=request.visitor.person_id)
        return _me(request, space, mine, MembershipForm(of=mine), trouble="last_host", status=409)
    return redirect("spaces:me", space.code)


@governed("N7", GET="U")
@require_safe
@login_required
def members(request: HttpRequest, code: str) -> HttpResponse:
    """Who belongs to it, by the names they chose; for hosts also who would like to come in, and who is invited."""
    space = opened(request, code)
    require(may_see_members(request.visitor, space))
    return _members(request, space)


def _members(
    request: HttpRequest,
    space: Space,
    *,
    form: InviteForm | None = None,
    said: RefusalForm | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    moderates = may_host(request.visitor, space)
    rows = list(Member.objects.belonging().filter(space=space).hosts_first()[:500])
    context: dict[str, Any] = {
        "space": space,
        "members": rows,
        "mine": next((row for row in rows if row.person_id == request.visitor.person_id), None),
        "moderates": moderates,
        "trouble": trouble,
    }
    if moderates:
        asked = Member.objects.filter(space=space, state=Member.State.ASKED, person__is_active=True)
        out = Member.objects.filter(space=space).order_by("pk")
        context |= {
            "asking": [
                (row, said if said is not None and said.about == row.pk else RefusalForm(about=row.pk))
                for row in asked.order_by("pk")[:100]
            ],
            "refused": list(out.filter(state=Member.State.REFUSED)[:100]),
            "shown_out": list(out.filter(state=Member.State.REMOVED)[:100]),
            "invitations": [row for row in space.invitations.order_by("-pk")[:100] if row.is_usable],
            "form": form or InviteForm(),
            "door": request.build_absolute_uri(reverse("spaces:door", args=[space.door])),
        }
    return render(request, "spaces/members.html", context, status=status)


@governed("N8", POST="M")
@require_POST
@login_required
def decide(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Let in who has asked, or not, with a few words."""
    space = _moderated(request, code)
    said = request.POST.get("say", "")
    if said not in {"yes", "no"}:
        return _members(request, space, trouble="unclear", status=422)
    form = RefusalForm(request.POST, about=_key(pk))
    if not form.is_valid():
        return _members(request, space, said=form, status=422)
    try:
        joining.decide(
            space,
            by=request.visitor,
            member=_key(pk),
            let_in=said == "yes",
            because=form.cleaned_data["because"],
        )
    except joining.Gone:
        return _members(request, space, trouble="gone", status=409)
    except joining.Full:
        return _members(request, space, trouble="full", status=409)
    return redirect("spaces:members", space.code)


def _moderated(request: HttpRequest, code: str) -> Space:
    space = opened(request, code)
    require(may_host(request.visitor, space))
    return space


def _key(pk: int) -> int:
    """A number that the database can look for."""
    return pk if pk < 2**63 else 0


@governed("N8", GET="M", POST="M")
@get_and_post
@login_required
def show_out(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Show a member out, with a reason that it is told."""
    space = _moderated(request, code)
    rows = Member.objects.filter(space=space, pk=_key(pk), is_host=False)
    row = rows.filter(state__in=[Member.State.MEMBER, Member.State.REMOVED]).first()
    if row is None:
        raise Http404
    if row.state == Member.State.REMOVED:
        return redirect("spaces:members", space.code)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        joining.show_out(space, by=request.visitor, member=row.pk, because=form.cleaned_data["because"])
        return redirect("spaces:members", space.code)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "spaces/show_out.html", {"space": space, "member": row, "form": form}, status=status
    )


@governed("N8", POST="M")
@require_POST
@login_required
def host(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Let another member look after it too."""
    space = _moderated(request, code)
    try:
        joining.name_host(space, by=request.visitor, member=_key(pk))
    except joining.Gone:
        return _members(request, space, trouble="gone", status=409)
    return redirect("spaces:members", space.code)


@governed("N8", POST="M")
@require_POST
@login_required
def invite(request: HttpRequest, code: str) -> HttpResponse:
    """Send a link that lets one person in, once."""
    space = _moderated(request, code)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _members(request, space, form=form, status=422)
    try:
        joining.invite(
            space, by=request.visitor, email=form.cleaned_data["email"], words=form.cleaned_data["words"]
        )
    except joining.Full:
        form.add_error(
            None,
            _(
                "As many invitations wait, or went out within a day, as there can be. Wait until some are taken up."
            ),
        )
        return _members(request, space, form=form, status=409)
    except joining.OnceADay:
        form.add_error(
            "email", _("An invitation went to this address within the day. Send the next one tomorrow.")
        )
        return _members(request, space, form=form, status=409)
    except joining.Gone:
        return _members(request, space, trouble="ended", status=409)
    return redirect("spaces:members", space.code)


@governed("N8", POST="M")
@require_POST
@login_required
def uninvite(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take back an invitation that nobody took up."""
    space = _moderated(request, code)
    joining.take_back(space, by=request.visitor, invitation=_key(pk))
    return redirect("spaces:members", space.code)


@governed("N8", POST="M")
@require_POST
@login_required
def renew(request: HttpRequest, code: str) -> HttpResponse:
    """Give the door another address."""
    space = _moderated(request, code)
    keeping.renew_door(space, by=request.visitor, door=request.POST.get("door", "")[:40])
    return redirect("spaces:members", space.code)
