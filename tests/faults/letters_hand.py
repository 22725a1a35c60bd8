"""Many newsletters that are changed and sent at once, on a database of their own: `python -m tests.faults.letters_hand LETTERS`.

Of each, two send it, its author writes on it, each as they read it before, all at the same moment; meanwhile several runs queue
what was released. What came of it is one line of JSON.
"""

import json
import random
import sys
from collections import Counter
from functools import partial
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  Django first

from koinon.journal.models import Entry  # noqa: E402
from koinon.mail.models import Outbox  # noqa: E402
from koinon.network.models import Role  # noqa: E402
from koinon.network.testing import make_organisation, make_visitor  # noqa: E402
from koinon.news.actions import letters  # noqa: E402
from koinon.news.models import Letter  # noqa: E402
from koinon.news.testing import make_follower  # noqa: E402
from tests.faults.crowd import Deed, at_once, mixed, ready  # noqa: E402

FOLLOWERS = 12
RELEASED, CHANGED = "As it was released.", "As it was changed."


def main(many: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    ready()
    chance = random.Random(6)
    body = make_organisation("Who writes", slug="who-writes")
    author, *others = (make_visitor(Role.Kind.MANAGER, body) for _ in range(3))
    for _number in range(FOLLOWERS):
        make_follower("", ("newsletter", body.slug))
    rows = []
    for number in range(many):
        made = letters.draft(
            by=author, organisation=body, title=f"Letter {number}", text=RELEASED, language="en"
        )
        rows.append(letters.hand_over(made, by=author, version=1))

    def of_one(row: Letter) -> list[Deed]:
        """What three do who have its page open, each with a copy of their own of what it said."""
        seen = [Letter.objects.select_related("organisation").get(pk=row.pk) for _ in range(6)]
        sending: list[Deed] = [
            partial(letters.release, copy, by=by, version=2)
            for copy, by in zip(seen[:4], others * 2, strict=True)
        ]
        change = {"title": row.title, "text": CHANGED, "language": "en"}
        changing: list[Deed] = [
            partial(letters.change, copy, by=author, version=2, **change) for copy in seen[4:]
        ]
        return [*sending, *changing, letters.send_due, letters.send_due]

    failed = at_once(mixed(chance, map(of_one, rows)), expected=(letters.Changed,))
    while letters.send_due():
        pass
    return {"failed": failed} | found()


def found() -> dict[str, Any]:
    """What stands there now."""
    mails = Counter(int(str(key).rpartition(":")[2]) for key in Outbox.objects.values_list("key", flat=True))
    told = Counter(Outbox.objects.values_list("key", flat=True))
    journal = Counter(Entry.objects.filter(verb="newsletter.released").values_list("thing", flat=True))
    rows = list(Letter.objects.order_by("pk"))
    return {
        "states": dict(Counter(row.state for row in rows)),
        "sent to others than all": [
            row.pk for row in rows if row.state == "sent" and mails[row.pk] != FOLLOWERS
        ],
        "drafts that went": [row.pk for row in rows if row.state != "sent" and mails[row.pk]],
        "counted wrongly": [row.pk for row in rows if row.recipients != mails[row.pk]],
        "twice": [key for key, times in told.items() if times > 1],
        "released twice": [thing for thing, times in journal.items() if times > 1],
        "released": sum(journal.values()),
        "changed words that went": Outbox.objects.filter(text__contains=CHANGED).count(),
        "words that fit their state": all((row.text == RELEASED) == (row.state == "sent") for row in rows),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
