"""Addresses of the programme, of a session, of those who make it."""

from django.urls import path

from koinon.agenda.views import programme

app_name = "sessions"
urlpatterns = [
    path("", programme.programme, name="list"),
    path("mine/<str:secret>.ics", programme.feed, name="feed"),
    path("<str:code>.ics", programme.calendar, name="calendar"),
    path("<str:code>/", programme.session, name="session"),
]
