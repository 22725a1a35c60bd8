"""How Django finds `mail`."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "koinon.mail"
    label = "mail"
