"""Signing in with the account of an organisation (OpenID Connect), where the operator has set it up (KOINON_OIDC_…)."""

from typing import NamedTuple

from django.conf import settings
from django.urls import reverse


class Service(NamedTuple):
    """One service to sign in with: its name, and where the way there begins."""

    name: str
    url: str


def services() -> list[Service]:
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return [
        Service(app["name"], reverse("openid_connect_login", kwargs={"provider_id": app["provider_id"]}))
        for app in apps
    ]
