"""Learning: enrolling, leaving, saying what is done, the own list, the own certificate. Each sees one's own and nothing else."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT
from koinon.base.visitor import HttpRequest, require
from koinon.courses.actions import certifying, learning, seats
from koinon.courses.forms import CertificateForm
from koinon.courses.models import Certificate, Cohort, Course, Enrolment, SelfCheck
from koinon.courses.permissions import may_learn
from koinon.courses.readings import title_of
from koinon.courses.views.common import Map, language_of, module_of, visible, withdrawn
from koinon.courses.views.reading import course_page, module_page

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
_OF_COURSES = ("steps", "course__modules", "course__translations")


@governed("E4")
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """What one learns, one's certificates, and the self-checks that one kept."""
    require(may_learn(request.visitor))
    language = get_language() or DEFAULT
    rows = Enrolment.objects.seen_by(request.visitor).not_left().select_related("course", "cohort")
    learnt = []
    for row in rows.prefetch_related(*_OF_COURSES).order_by("-at", "-pk")[:200]:
        done = sum(step.done_at is not None for step in row.steps.all())
        learnt.append((row, title_of(row.course, language), done, len(row.course.modules.all())))
    person = request.visitor.person_id
    certificates = list(Certificate.objects.filter(person=person).order_by("-issued_at")[:200])
    context = {
        "learnt": learnt,
        "certificates": certificates,
        "certified": {one.course_id for one in certificates},
        "checks": SelfCheck.objects.filter(person=person),
    }
    return render(request, "courses/mine.html", context)


def _cohort(course: Course, asked: str) -> Cohort | None:
    if not asked.isascii() or not asked.isdecimal() or len(asked) > 18:
        return None
    return course.cohorts.filter(pk=int(asked)).first()


@governed("E4", POST="C")
@require_POST
@login_required
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a seat, or a rank in the line."""
    course = visible(request, slug)
    cohort = _cohort(course, request.POST.get("dates", ""))
    try:
        learning.enrol(course, by=request.visitor, language=language_of(request), cohort=cohort)
    except learning.Closed as closed:
        words = {
            "past": _("The last day to enrol for these dates is over. The material stays open to everybody."),
            "closed": _("Nobody can enrol here now. The material stays open to everybody."),
        }
        if closed.why == "closed" and course.pace == "dates" and cohort is None and course.takes_learners:
            return course_page(request, course, status=422, trouble=_("Choose the dates on which you learn."))
        return course_page(request, course, status=409, trouble=words[closed.why])
    return redirect(Map(request, course).url)


def _own(request: HttpRequest, slug: str) -> Enrolment:
    """One's own enrolment, also in a course that was withdrawn meanwhile."""
    require(may_learn(request.visitor))
    rows = Enrolment.objects.seen_by(request.visitor).not_left().select_related("course", "cohort")
    return get_object_or_404(rows, course__slug=slug[:120])


@governed("E4", GET="D", POST="D")
@get_and_post
@login_required
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave: what is erased by that is said first. One leaves a course that was withdrawn, too."""
    enrolment = _own(request, slug)
    course = enrolment.course
    if request.method != "POST":
        keeps = learning.keeps_tries(enrolment)
        context = {"course": course, "map": Map(request, course), "keeps_tries": keeps}
        return render(request, "courses/leave.html", context)
    learning.leave(enrolment, by=request.visitor)
    return redirect(course) if course.is_public else redirect("courses:mine")


@governed("E4", POST="C")
@require_POST
@login_required
def accept(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the seat that is offered."""
    course = visible(request, slug)
    try:
        learning.accept(_own(request, slug), by=request.visitor)
    except seats.NotOffered:
        late = _("The offer is over: the seat has passed on.")
        return course_page(request, course, status=409, trouble=late)
    return redirect(course)


@governed("E4", POST="C")
@require_POST
@login_required
def done(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The learner says that a module is done, or takes that back; then comes the next one."""
    course = visible(request, slug)
    module = module_of(course, number)
    require(may_learn(request.visitor))
    try:
        if "undo" in request.POST:
            learning.tell_undone(module, by=request.visitor)
            return redirect(Map(request, course).keep(module.get_absolute_url()))
        learning.tell_done(module, by=request.visitor, language=language_of(request))
    except learning.NotLearning:
        trouble = _("Enrol first: then it is kept how far you are.")
        return module_page(request, module, trouble=trouble, status=409)
    here = Map(request, course)
    return redirect(here.next.url if here.next is not None else here.url)


@governed("E5", GET="C", POST="C")
@get_and_post
@login_required
def certificate(request: HttpRequest, slug: str) -> HttpResponse:
    """The certificate of who finished: with which name, if any. Who had finished before a course was withdrawn gets one still."""
    enrolment = _own(request, slug)
    course = enrolment.course
    if enrolment.finished_at is None or not course.gives_certificate:
        if gone := withdrawn(request, slug):
            return gone
        trouble = _("A certificate is for who has done every module of a course that gives one.")
        return course_page(request, course, status=409, trouble=trouble)
    there = Certificate.objects.filter(person=request.visitor.person_id, course=course).first()
    if request.method == "POST":
        form = CertificateForm(request.POST)
        if form.is_valid():
            made = certifying.certify(enrolment, by=request.visitor, name=form.cleaned_data["name"])
            return redirect(made)
        status = 422
    else:
        form, status = CertificateForm(initial={"name": there.name if there else ""}), 200
    context = {"course": course, "map": Map(request, course), "form": form, "there": there}
    return render(request, "courses/certify.html", context, status=status)
