"""Addresses of the programme, of a session, of those who make it."""

from django.urls import path

from koinon.agenda import registration_urls
from koinon.agenda.views import hosts, programme, speakers

app_name = "sessions"
urlpatterns = [
    path("", programme.programme, name="list"),
    path("new/", hosts.new, name="new"),
    path("mine/", hosts.mine, name="mine"),
    path("mine/calendar/", programme.my_calendar, name="my_calendar"),
    path("mine/<str:secret>.ics", programme.feed, name="feed"),
    path("speakers/<str:secret>/", speakers.speaker, name="speaker"),
    *registration_urls.urlpatterns,
    path("<str:code>.ics", programme.calendar, name="calendar"),
    path("<str:code>/", programme.session, name="session"),
    path("<str:code>/edit/", hosts.edit, name="edit"),
    path("<str:code>/edit/parts/", hosts.rundown, name="rundown"),
    path("<str:code>/edit/parts/<int:pk>/", hosts.part, name="part"),
    path("<str:code>/edit/speakers/", speakers.speakers, name="speakers"),
    path("<str:code>/edit/speakers/<int:pk>/", speakers.one, name="speaker_one"),
    path("<str:code>/edit/invited/", speakers.invited, name="invited"),
    path("<str:code>/edit/material/", hosts.material, name="material"),
    path("<str:code>/edit/material/<int:pk>/", hosts.change_material, name="change_material"),
    path("<str:code>/edit/material/<int:pk>/publish/", hosts.publish_material, name="publish_material"),
    path("<str:code>/edit/material/<int:pk>/remove/", hosts.remove_material, name="remove_material"),
    path("<str:code>/publish/", hosts.publish, name="publish"),
    path("<str:code>/move/", hosts.move, name="move"),
    path("<str:code>/cancel/", hosts.cancel, name="cancel"),
    path("<str:code>/delete/", hosts.delete, name="delete"),
    path("<str:code>/confirm-time/", hosts.confirm_time, name="confirm_time"),
]
