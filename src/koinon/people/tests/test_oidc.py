"""The sign-in of an organisation, set up by the environment: it is offered, and its addresses are there."""

import os
import subprocess
import sys

WORK = """
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from koinon.people.oidc import services
call_command("check")
print([tuple(service) for service in services()])
for path in ("error/", "cancelled/"):
    print(Client().get("/account/oidc/" + path, headers={"Host": "localhost"}).status_code)
"""
OIDC = {
    "KOINON_OIDC_ISSUER": "https://id.gent.example",
    "KOINON_OIDC_CLIENT_ID": "koinon",
    "KOINON_OIDC_SECRET": "not a secret",
    "KOINON_OIDC_NAME": "Stad Gent",
}


def run(**more: str) -> list[str]:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "koinon.settings", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", WORK], env=env | more, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.split("\n")


def test_what_the_environment_names_is_offered() -> None:
    said = run(**OIDC)

    assert "[('Stad Gent', '/account/oidc/organisation/login/')]" in said
    assert said[-3:-1] == ["401", "200"]


def test_without_it_there_are_no_such_addresses() -> None:
    said = run(KOINON_OIDC_ISSUER="")

    assert "[]" in said
    assert said[-3:-1] == ["404", "404"]
