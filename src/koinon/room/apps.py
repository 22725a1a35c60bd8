"""How Django finds `room`."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    name = "koinon.room"
    label = "room"
