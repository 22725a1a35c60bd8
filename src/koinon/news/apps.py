"""How Django finds `news`."""

from django.apps import AppConfig


class NewsConfig(AppConfig):
    name = "koinon.news"
    label = "news"
