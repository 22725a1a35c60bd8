"""One of each thing that the addresses of courses can name; for tests/grounds.py."""

from django.utils import timezone

from koinon.agenda.models import Material
from koinon.agenda.testing import make_session
from koinon.courses.models import Certificate, Course, ModuleFile, SelfCheck, Step
from koinon.courses.testing import make_cohort, make_course, make_enrolment, make_quiz
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    own, manager = world.tenants["own"], world.people["CMG"]

    def make(state: str = "published") -> Course:
        course = make_course(organiser=own, state=state, modules=1)
        make_quiz(course)
        ModuleFile.objects.create(
            module=course.modules.get(number=1), name="a.pdf", kind="application/pdf", size=1, content=b"x"
        )
        return course

    public, draft, finished, other, dated = make(), make("draft"), make(), make(), make()
    cohort = make_cohort(dated)
    enrolment = make_enrolment(finished, manager, finished_at=timezone.now())
    for module in finished.modules.all():
        Step.objects.create(enrolment=enrolment, module=module, done_at=timezone.now())
    make_enrolment(public, manager)
    certificate = Certificate.objects.create(
        number="AAAA-0000-0000-0009",
        person=manager,
        course=other,
        organiser="A centre",
        title="A course",
        language="en",
        minutes=60,
        finished_on=timezone.localdate(),
    )
    check = SelfCheck.objects.create(person=manager, levels={"mapping-1": 1})
    session = make_session(organiser=own, starts=timezone.now())
    for kind in (Material.Kind.RECORDING, Material.Kind.CAPTIONS):
        Material.objects.create(session=session, kind=kind, title="The hour", url="https://video.example/1")
    question = public.modules.get(number=2).questions.order_by("pk")[0]
    _fill(own.pk, session.code)
    done: dict[str, object] = {"slug": finished.slug}
    return {
        "courses/": {"slug": public.slug, "number": 2, "language": "fi", "pk": question.pk},
        "courses/<str:slug>/publish/": {"slug": draft.slug},
        "courses/<str:slug>/delete/": {"slug": draft.slug},
        "courses/<str:slug>/certificate/": done,
        "courses/<str:slug>/enrol/": {"slug": other.slug},
        "courses/<str:slug>/edit/dates/": {"slug": dated.slug, "pk": cohort.pk},
        "courses/<str:slug>/<int:number>/file/": {"number": 1},
        "courses/<str:slug>/<int:number>/done/": {"number": 1},
        "courses/<str:slug>/translate/<str:language>/<int:number>/": {"number": 1},
        "courses/certificates/": {"number": certificate.number},
        "courses/self-check/kept/": {"pk": check.pk},
        "v1/courses/": {"slug": public.slug},
    }


def _fill(organiser: int, session: str) -> None:
    course = {
        "organiser": str(organiser),
        "language": "en",
        "title": "A course",
        "lead": "One sentence.",
        "level": "first",
        "minutes": "60",
        "pace": "self",
        "edits": "1",
    }
    module = {
        "kind": "text",
        "language": "en",
        "title": "A part",
        "text": "Read.",
        "minutes": "5",
        "link": "",
        "session": "",
        "needs": "60",
        "tries": "",
        "edits": "1",
    }
    question = {
        "kind": "single",
        "text": "Which?",
        "choices": "* This\nThat",
        "number": "",
        "within": "",
        "edits": "1",
    }
    dates = {"starts_on": "2030-01-01", "ends_on": "2030-01-08", "capacity": "", "edits": "1"}
    words = {"title": "Kurssi", "edits": "0"}
    edit = "courses/<str:slug>/edit/"
    told = "courses/<str:slug>/translate/<str:language>/"
    RIGHT.update(
        {
            "courses/new/": course,
            edit: course,
            f"{edit}modules/": module,
            f"{edit}modules/<int:number>/": module,
            f"{edit}modules/<int:number>/questions/": question,
            f"{edit}modules/<int:number>/questions/<int:pk>/": question,
            f"{edit}dates/": dates,
            f"{edit}dates/<int:pk>/": dates,
            f"{edit}from-session/": {"session": session},
            f"{told}course/": words,
            f"{told}<int:number>/": words,
            "courses/self-check/": {"mapping-1": "1"},
            "courses/self-check/keep/": {"mapping-1": "1"},
        }
    )
