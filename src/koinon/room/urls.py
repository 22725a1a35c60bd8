"""Addresses of a room; included under `sessions/`."""

from django.urls import URLPattern, URLResolver, include, path

from koinon.room.views import audience, receipts

app_name = "room"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<str:code>/room/", audience.room, name="room"),
    path("<str:code>/room/say/", audience.say, name="say"),
    path("<str:code>/room/vote/<int:pk>/", audience.vote, name="vote"),
    path("<str:code>/room/polls/<int:pk>/", audience.ballot, name="ballot"),
    path("<str:code>/room/voice/", audience.voice, name="voice"),
    path("<str:code>/room/said/<str:receipt>/withdraw/", receipts.withdraw, name="withdraw"),
    path("<str:code>/room/said/<str:receipt>/carry/", receipts.carry, name="carry"),
    path("<str:code>/room/said/<str:receipt>/reword/", receipts.reword, name="reword"),
    path("", include("koinon.room.moderating_urls")),
]
