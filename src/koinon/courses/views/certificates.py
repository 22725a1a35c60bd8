"""Checking a certificate, which needs nothing but its number, at its address or typed; and taking one's own back."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from koinon.agenda.models import Registration
from koinon.base.governance import governed
from koinon.base.text import visible
from koinon.base.visitor import HttpRequest, require
from koinon.courses.actions import certifying
from koinon.courses.models import Certificate, Enrolment
from koinon.courses.printing import pdf
from koinon.questions.actions.receipts import tidy_code

LONGEST = 200


def _found(number: str) -> Certificate | None:
    return Certificate.objects.select_related("course").filter(number=tidy_code(number[:60])).first()


def number_in(typed: str) -> str:
    """The number in what is typed or pasted: in small letters, with spaces or dashes or none, or its whole address; empty for none."""
    last = typed[:LONGEST].partition("?")[0].strip().rstrip("/").rpartition("/")[2]
    return tidy_code("".join(sign for sign in last if sign.isascii() and sign.isalnum()))


def _may_rename(request: HttpRequest, found: Certificate) -> bool:
    """Its holder can make it anew with another name: not after leaving the course, nor when it gives none any more."""
    rows = Enrolment.objects.seen_by(request.visitor).filter(
        course=found.course_id, finished_at__isnull=False
    )
    return rows.filter(course__gives_certificate=True).exists()


def _gone(request: HttpRequest, found: Certificate) -> HttpResponse:
    return render(request, "courses/certificate_gone.html", {"certificate": found}, status=410)


@governed("E5")
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """From a number that somebody typed to the page that checks it, of a course or of attendance at a session (404: there is none)."""
    typed = request.GET.get("number", "")[:LONGEST]
    if not typed.strip():
        return render(request, "courses/find_certificate.html")
    number = number_in(typed)
    if number and (found := _found(number)) is not None:
        return redirect(found)
    if number and Registration.objects.filter(certificate=number, attended_at__isnull=False).exists():
        return redirect("sessions:certificate", number=number)
    return _none(request, typed)


def _none(request: HttpRequest, typed: str) -> HttpResponse:
    return render(request, "courses/no_certificate.html", {"typed": visible(typed)[:60]}, status=404)


@governed("E5")
@require_safe
def check(request: HttpRequest, number: str) -> HttpResponse:
    """Whether a certificate is true. Taken back, the number says so and nothing else (410)."""
    found = _found(number)
    if found is None:
        return _none(request, number)
    if number != found.number:
        return redirect(found)
    if found.taken_back_at is not None:
        return _gone(request, found)
    if request.GET.get("format") == "pdf":
        headers = {"Content-Disposition": f'attachment; filename="certificate-{found.number}.pdf"'}
        return HttpResponse(pdf(request, found), content_type="application/pdf", headers=headers)
    is_own = found.person_id is not None and found.person_id == request.visitor.person_id
    context = {
        "certificate": found,
        "address": request.build_absolute_uri(found.get_absolute_url()),
        "is_own": is_own,
        "may_rename": is_own and _may_rename(request, found),
    }
    return render(request, "courses/certificate.html", context)


@governed("E5", GET="D", POST="D")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def take_back(request: HttpRequest, number: str) -> HttpResponse:
    """The holder takes it back; what that means is said first."""
    found = _found(number)
    if found is None:
        raise Http404
    if found.taken_back_at is not None:
        # Sent twice, it reads what anybody reads: whose it was is not known any more.
        return _gone(request, found)
    require(found.person_id == request.visitor.person_id)
    if request.method != "POST":
        return render(request, "courses/take_back.html", {"certificate": found})
    certifying.take_back(found, by=request.visitor)
    return redirect("courses:mine")
