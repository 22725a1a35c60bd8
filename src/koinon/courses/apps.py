"""How Django finds `courses`."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "koinon.courses"
    label = "courses"
