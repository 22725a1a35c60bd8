"""One of each thing that the addresses of the library can name; for tests/grounds.py."""

from django.utils import timezone

from koinon.network.models import Role
from koinon.practices.models import Import, Picture, Practice
from koinon.practices.testing import make_adoption, make_practice, make_translation
from koinon.practices.tests.helping import content_form, review_form
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    own = world.tenants["own"]

    def make(state: str = "published") -> Practice:
        return make_practice(state=state, organisation=own, centre=own)

    public, draft, submitted, gone, noted = (
        make(),
        make("draft"),
        make("submitted"),
        make("withdrawn"),
        make("submitted"),
    )
    noted.latest.reviews.create(reviewer=world.people["CMG"])
    next_one = make()
    next_one.versions.create(
        number=2, state="draft", title="Next", language="en", submitted_at=timezone.now()
    )
    # The manager tells of own practices too, and so may begin their next version.
    manager = world.people["CMG"]
    Role.objects.create(person=manager, kind=Role.Kind.INNOVATOR, organisation=own)
    told = make_practice(owner=manager)
    picture = Picture.objects.create(
        practice=draft, since=draft.latest, description="A door", name="a.png", kind="image/png", content=b"x"
    )
    waiting = make_adoption(public, confirmed=False)
    recorded = make_adoption(public, by=world.people["CMG"])
    make_translation(public.latest)
    waits, taken = (
        Import.objects.create(
            by=manager,
            organisation=own,
            name="a.csv",
            digest="0" * 64,
            content=b"title,summary\nA door,One office\n",
            mapping={"title": 0},
        )
        for _ in range(2)
    )
    Import.objects.filter(pk=taken.pk).update(state="done", done_at=timezone.now())
    _fill(own.pk, world.people["CED"].pk, draft.slug)
    to: dict[str, object] = {"slug": submitted.slug}
    return {
        "practices/": {"slug": public.slug, "number": 1, "old": 1, "language": "fi", "ending": "json"},
        "practices/<str:slug>/pictures/": {"slug": draft.slug, "code": picture.code},
        "practices/<str:slug>/edit/": {"slug": draft.slug, "code": picture.code},
        "practices/<str:slug>/submit/": {"slug": draft.slug},
        "practices/<str:slug>/revise/": {"slug": told.slug},
        "practices/<str:slug>/delete/": {"slug": draft.slug},
        "practices/<str:slug>/drop/": {"slug": next_one.slug},
        "practices/<str:slug>/review/": to,
        "practices/<str:slug>/review/note/": {"slug": noted.slug},
        "practices/<str:slug>/restore/": {"slug": gone.slug},
        "practices/<str:slug>/adoptions/": {"pk": recorded.pk},
        "practices/<str:slug>/adoptions/<int:pk>/confirm/": {"pk": waiting.pk},
        "practices/import/<int:pk>/": {"pk": waits.pk},
        "practices/import/<int:pk>/undo/": {"pk": taken.pk},
        "practices/import/template.": {"ending": "csv"},
        "v1/practices/": {"slug": public.slug},
    }


def _fill(organisation: int, editor: int, draft: str) -> None:
    told = {
        "adopter": "",
        "adopter_text": "The city next door",
        "place": "FI",
        "since": "2026-01-01",
        "stage": "running",
        "language": "en",
        "edits": "1",
    }
    whole = content_form(
        edits="1", begun="2020", ended="2021", cost="more", evidence_kind="survey", amount="€9"
    )
    RIGHT.update(
        {
            "practices/import/": {"organisation": str(organisation), "language": "en"},
            "practices/import/<int:pk>/": {"language": "en", "column-title": "0"},
            "practices/export/organisation/": {"organisation": str(organisation), "format": "csv"},
            "practices/mine/send/": {"practice": draft},
            "practices/new/": whole | {"organisation": str(organisation)},
            "practices/<str:slug>/edit/": whole,
            "practices/<str:slug>/review/": review_form(),
            "practices/<str:slug>/review/assign/": {"to": str(editor)},
            "practices/<str:slug>/review/note/": {"note": "Look at the law."},
            "practices/<str:slug>/withdraw/": {"because": "wrong"},
            "practices/<str:slug>/adopt/": told,
            "practices/<str:slug>/adoptions/<int:pk>/edit/": told,
            "practices/<str:slug>/translate/": {"language": "fi"},
            "practices/<str:slug>/translate/<str:language>/": {"edits": "1", "title": "Ovi"},
        }
    )
