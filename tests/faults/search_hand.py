"""Does deeds beside a running house, for the tests of the search: each line it is told is one deed; it answers with the moment.

{"rename": slug, "to": words}   an organisation is called otherwise
{"touch": number}               so many organisations count as changed, in one transaction
{"rebuild": 1}                  as `koinon search rebuild` does
"""

import json
import sys
import time
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  Django first
from django.db import transaction  # noqa: E402

from koinon.network import found  # noqa: E402
from koinon.network.models import Organisation  # noqa: E402


def do(told: dict[str, Any]) -> None:
    if "rename" in told:
        with transaction.atomic():
            Organisation.objects.filter(slug=told["rename"]).update(name=told["to"])
            found.changed(told["rename"])
    elif "touch" in told:
        with transaction.atomic():
            found.changed(*Organisation.objects.values_list("slug", flat=True)[: told["touch"]])
    elif "rebuild" in told:
        call_command("search", "rebuild", stdout=sys.stderr)


for line in sys.stdin:
    do(json.loads(line))
    print(json.dumps(time.time()), flush=True)
