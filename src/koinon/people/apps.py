"""How Django finds `people`."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "koinon.people"
    label = "people"
