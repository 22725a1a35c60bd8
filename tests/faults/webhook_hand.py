"""A process that makes webhooks, lets things happen and hands them over, and that kills itself in the middle when told to.

`python -m tests.faults.webhook_hand DEED [words]`; what it found is one line of JSON.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402  Django first
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from koinon.agenda.testing import make_session  # noqa: E402
from koinon.base import outward  # noqa: E402
from koinon.journal import actions as journal  # noqa: E402
from koinon.journal import fresh  # noqa: E402
from koinon.network.testing import make_organisation  # noqa: E402
from koinon.webhooks import sending  # noqa: E402
from koinon.webhooks.models import Hook  # noqa: E402
from koinon.webhooks.signing import secret_from  # noqa: E402
from koinon.webhooks.testing import make_hook  # noqa: E402

settings.OUTWARD_LOOPBACK = True


def prepare(*addresses: str) -> dict[str, Any]:
    """An empty house with a webhook for each address."""
    call_command("migrate", verbosity=0)
    hooks = [make_hook(make_organisation(), address) for address in addresses]
    return {"secrets": {hook.code: secret_from(hook.seed) for hook in hooks}}


def happen(many: str) -> dict[str, Any]:
    """So many sessions are announced; their titles in the order of the journal."""
    begin = fresh.newest()
    body = make_organisation(slug=f"host-{begin}")
    titles = []
    for number in range(int(many)):
        session = make_session(
            f"Session {begin}.{number}", organiser=body, code=f"26HAND{begin:05}{number:03}"
        )
        journal.record("session.published", by=None, what=session)
        titles.append(session.title)
    return {"titles": titles}


def tell(hours: str, doomed: str = "0") -> dict[str, Any]:
    """Hand over as if so many hours had gone by; end by SIGKILL after so many posts, before what came of it is written down."""
    last, posts = int(doomed), count(1)
    honest = outward.post

    def post(*words: Any, **more: Any) -> outward.Answer:
        answer = honest(*words, **more)
        if next(posts) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    outward.post = post  # type: ignore[assignment]
    return {"arrived": sending.run(timezone.now() + timedelta(hours=float(hours)))}


def look() -> dict[str, Any]:
    return {
        "behind": Hook.objects.filter(cursor__lt=fresh.newest()).count(),
        "leased": Hook.objects.exclude(lease="").count(),
    }


DEEDS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "happen": happen,
    "tell": tell,
    "look": look,
}


if __name__ == "__main__":
    print(json.dumps(DEEDS[sys.argv[1]](*sys.argv[2:])))
