"""One of each thing that the addresses of spaces can name; for tests/grounds.py. The manager of the own centre is a host."""

from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.spaces import telling
from koinon.spaces.models import Member, Space
from koinon.spaces.testing import (
    make_date,
    make_file,
    make_host,
    make_invitation,
    make_member,
    make_post,
    make_space,
    make_thread,
)
from tests.matrix.world import World

RIGHT: dict[str, dict[str, str]] = {}
"""Route → what is right in the fields of its form, where that is not the same for all forms."""


def parts(world: World) -> dict[str, dict[str, object]]:
    """A piece of a route → the parts with which it leads to something."""
    own, manager = world.tenants["own"], world.people["CMG"]
    space, other = make_space(own), make_space(world.tenants["foreign"])
    proposed = make_space(own, state=Space.State.PROPOSED)
    closed = make_space(world.tenants["foreign"], is_closed=True)
    for one in (other, closed):
        make_host(one)
    mine = make_host(space, manager)
    make_host(space)
    member, asking = make_member(space), make_member(space, state=Member.State.ASKED)
    thread = make_thread(space)
    post, file, date = make_post(thread, mine), make_file(space, manager), make_date(space, manager)
    make_invitation(closed, "hostileinvitation")
    session: Session = make_session()
    words = {"title": "A title", "text": "Words", "language": "en", "edits": "1"}
    when = {
        "title": "A date",
        "day": "2027-03-03",
        "begins": "10:00",
        "minutes": "60",
        "zone": "Europe/Malta",
    }
    about = {"name": "A name", "purpose": "For us.", "language": "en", "edits": "1", "is_closed": "no"}
    here = "spaces/<str:code>/"
    RIGHT.update(
        {
            "spaces/new/": about | {"body": str(own.pk)},
            f"{here}edit/": about,
            f"{here}end/": {"because": "So it is."},
            f"{here}threads/new/": words,
            f"{here}threads/<str:thread>/close/": {"because": "So it is."},
            f"{here}threads/<str:thread>/take-title-off/": {"because": "So it is."},
            f"{here}posts/<int:pk>/change/": words,
            f"{here}me/": {"name": "A name", "mail": "daily", "edits": "1"},
            f"{here}members/<int:pk>/decide/": {"say": "yes"},
            f"{here}members/<int:pk>/show-out/": {"because": "So it is."},
            f"{here}dates/add/": when | {"language": "en"},
            f"{here}dates/add-session/": {"session": session.code},
            f"{here}dates/<str:date>/change/": when | {"language": "en", "edits": "1"},
            f"{here}dates/<str:date>/cancel/": {"because": "So it is."},
        }
    )
    return {
        "spaces/": {"code": space.code, "ending": "atom", "pk": post.pk, "file": file.code},
        here: {"thread": thread.code, "file": file.code, "date": date.code},
        "spaces/door/": {"code": closed.door},
        "spaces/invitation/": {"code": "hostileinvitation"},
        "spaces/stop/": {"code": telling.stop_code(member)},
        f"{here}open/": {"code": proposed.code},
        f"{here}drop/": {"code": proposed.code},
        f"{here}join/": {"code": other.code},
        f"{here}members/<int:pk>/": {"pk": member.pk},
        f"{here}members/<int:pk>/decide/": {"pk": asking.pk},
        f"{here}invitations/": {"pk": 1},
    }
