"""Who is on the programme: the hosts' page, and the private page of somebody invited."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from koinon.agenda.actions import inviting, speaking
from koinon.agenda.forms import HandInForm, InviteForm, SpeakerForm
from koinon.agenda.models import Invitation, Session, Speaker
from koinon.agenda.permissions import may_change
from koinon.agenda.views.hosts import get_and_post
from koinon.agenda.views.programme import visible
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.network.limits import anonymous_writes


@governed("B1", GET="U", POST="U")
@get_and_post
@login_required
def speakers(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody on the programme, with what they have answered; the form adds somebody."""
    session = visible(request, code)
    require(may_change(request.visitor, session))
    if request.method != "POST":
        return _page(request, session, SpeakerForm())
    form = SpeakerForm(request.POST)
    if not form.is_valid():
        return _page(request, session, form, status=422)
    if session.speakers.count() >= speaking.MOST_SPEAKERS:
        form.add_error(None, _("These are as many people as a programme can have here."))
        return _page(request, session, form, status=422)
    data = form.cleaned_data
    speaker = speaking.add(
        session,
        by=request.visitor,
        name=data["name"],
        role=data["role"],
        body=data["body"],
        email=data["email"],
        language=data["language"],
        slides_due=data["slides_due"],
    )
    if data["email"] and request.POST.get("invite"):
        speaking.invite(speaker, by=request.visitor)
    return redirect("sessions:speakers", session.code)


@governed("B1", POST="U")
@require_POST
@login_required
def one(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Send the invitation (again), or take somebody off: `do` says which."""
    session = visible(request, code)
    require(may_change(request.visitor, session))
    if pk > 2**62:
        raise Http404
    speaker = get_object_or_404(Speaker, session=session, pk=pk)
    if request.POST.get("do") == "remove":
        speaking.remove(speaker, by=request.visitor)
    else:
        speaking.invite(speaker, by=request.visitor)
    return redirect("sessions:speakers", session.code)


def _page(request: HttpRequest, session: Session, form: SpeakerForm, *, status: int = 200) -> HttpResponse:
    context = {"session": session, "form": form, "rows": list(session.speakers.all())}
    return render(request, "agenda/speakers.html", context, status=status)


@governed("B3", GET="U", POST="U")
@get_and_post
@login_required
def invited(request: HttpRequest, code: str) -> HttpResponse:
    """Who is invited to a session that is not for everybody; the form invites more, a button takes one back."""
    session = visible(request, code)
    require(may_change(request.visitor, session))
    if request.method != "POST":
        return _invited(request, session, InviteForm())
    if (taken_back := request.POST.get("take_back", "")) and taken_back.isdecimal() and len(taken_back) < 18:
        row = get_object_or_404(Invitation, session=session, pk=int(taken_back))
        inviting.take_back(row, by=request.visitor)
        return redirect("sessions:invited", session.code)
    form = InviteForm(request.POST)
    if form.is_valid() and not session.published:
        form.add_error(None, _("Publish it first: the mail leads to its page."))
    if not form.is_valid():
        return _invited(request, session, form, status=422)
    for email in form.cleaned_data["emails"]:
        inviting.invite(session, by=request.visitor, email=email, language=form.cleaned_data["language"])
    return redirect("sessions:invited", session.code)


def _invited(request: HttpRequest, session: Session, form: InviteForm, *, status: int = 200) -> HttpResponse:
    rows = session.invitations.select_related("person").order_by("person__email")
    context = {"session": session, "form": form, "rows": list(rows)}
    return render(request, "agenda/invited.html", context, status=status)


@governed("B16", GET="R", POST="U")
@require_http_methods(["GET", "HEAD", "POST"])
def speaker(request: HttpRequest, secret: str) -> HttpResponse:
    """Somebody invited says yes or no, and hands in what the programme shows. No account is needed: the link is the key."""
    found = speaking.speaker_of(secret)
    if found is None:
        raise Http404
    initial = {"name": found.name, "body": found.body, "bio": found.bio, "slides": found.slides}
    if request.method != "POST":
        return _own(request, found, secret, HandInForm(initial=initial))
    if not request.visitor.is_signed_in and (
        seconds := anonymous_writes.wait(request.META.get("REMOTE_ADDR", ""))
    ):
        answer = _own(request, found, secret, HandInForm(initial=initial), busy=True, status=429)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    do = request.POST.get("do", "")
    if do in {"yes", "no"}:
        speaking.answer(found, accepts=do == "yes")
        return redirect("sessions:speaker", secret)
    form = HandInForm(request.POST)
    if not form.is_valid():
        return _own(request, found, secret, form, status=422)
    data = form.cleaned_data
    speaking.hand_in(found, name=data["name"], body=data["body"], bio=data["bio"], slides=data["slides"])
    return redirect("sessions:speaker", secret)


def _own(
    request: HttpRequest,
    found: Speaker,
    secret: str,
    form: HandInForm,
    *,
    busy: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {"speaker": found, "session": found.session, "form": form, "secret": secret, "busy": busy}
    return render(request, "agenda/speaker.html", context, status=status)
