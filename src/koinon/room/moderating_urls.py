"""Addresses of the moderators' desk, the wall and the speaker's view; `room.urls` includes them."""

from django.urls import path

from koinon.room.views import desk, speaker, wall

urlpatterns = [
    path("<str:code>/moderate/", desk.desk, name="desk"),
    path("<str:code>/moderate/inside/", desk.inside, name="desk_inside"),
    path("<str:code>/moderate/here/", desk.here, name="desk_here"),
    path("<str:code>/moderate/ticket/", desk.ticket, name="desk_ticket"),
    path("<str:code>/moderate/run/<slug:deed>/", desk.run, name="desk_run"),
    path("<str:code>/moderate/poll/<int:number>/<slug:deed>/", desk.poll, name="desk_poll"),
    path("<str:code>/moderate/<int:number>/<slug:deed>/", desk.act, name="desk_act"),
    path("<str:code>/wall/", wall.wall, name="wall"),
    path("<str:code>/wall/inside/", wall.inside, name="wall_inside"),
    path("<str:code>/speaker/", speaker.speaker, name="speaker"),
    path("<str:code>/speaker/inside/", speaker.inside, name="speaker_inside"),
]
