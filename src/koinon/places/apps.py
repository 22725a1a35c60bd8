"""How Django finds `places`."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "koinon.places"
    label = "places"
