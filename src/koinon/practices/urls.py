"""Addresses of the library and of a practice."""

from django.urls import path

from koinon.practices.views import library, reading

app_name = "practices"
urlpatterns = [
    path("", library.library, name="list"),
    path("<str:slug>/", reading.practice, name="practice"),
]
