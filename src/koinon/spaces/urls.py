"""Addresses of spaces."""

from django.urls import path

from koinon.spaces.views import membership, spaces, talk, things

app_name = "spaces"
urlpatterns = [
    path("", spaces.spaces, name="list"),
    path("new/", spaces.new, name="new"),
    path("door/<str:code>/", membership.door, name="door"),
    path("invitation/<str:code>/", membership.invitation, name="invitation"),
    path("stop/<str:code>/", membership.stop, name="stop"),
    path("posts/<int:pk>/", talk.post, name="post"),
    path("files/<str:file>/", things.reported_file, name="reported_file"),
    path("<str:code>/", spaces.space, name="space"),
    path("<str:code>/open/", spaces.open_, name="open"),
    path("<str:code>/drop/", spaces.drop, name="drop"),
    path("<str:code>/edit/", spaces.edit, name="edit"),
    path("<str:code>/end/", spaces.end, name="end"),
    path("<str:code>/feed/<str:ending>/", spaces.feed, name="feed"),
    path("<str:code>/join/", membership.join, name="join"),
    path("<str:code>/me/", membership.me, name="me"),
    path("<str:code>/leave/", membership.leave, name="leave"),
    path("<str:code>/step-back/", membership.step_back, name="step_back"),
    path("<str:code>/members/", membership.members, name="members"),
    path("<str:code>/members/<int:pk>/decide/", membership.decide, name="decide"),
    path("<str:code>/members/<int:pk>/show-out/", membership.show_out, name="show_out"),
    path("<str:code>/members/<int:pk>/host/", membership.host, name="host"),
    path("<str:code>/invite/", membership.invite, name="invite"),
    path("<str:code>/invitations/<int:pk>/take-back/", membership.uninvite, name="uninvite"),
    path("<str:code>/door/", membership.renew, name="renew"),
    path("<str:code>/threads/new/", talk.begin, name="begin"),
    path("<str:code>/threads/<str:thread>/", talk.thread, name="thread"),
    path("<str:code>/threads/<str:thread>/write/", talk.write, name="write"),
    path("<str:code>/threads/<str:thread>/close/", talk.close, name="close"),
    path("<str:code>/threads/<str:thread>/reopen/", talk.reopen, name="reopen"),
    path("<str:code>/posts/<int:pk>/change/", talk.change, name="change"),
    path("<str:code>/posts/<int:pk>/withdraw/", talk.withdraw, name="withdraw"),
    path("<str:code>/files/add/", things.add_files, name="add_files"),
    path("<str:code>/files/<str:file>/", things.file, name="file"),
    path("<str:code>/files/<str:file>/withdraw/", things.withdraw_file, name="withdraw_file"),
    path("<str:code>/dates/add/", things.add_date, name="add_date"),
    path("<str:code>/dates/add-session/", things.add_session, name="add_session"),
    path("<str:code>/dates/calendar/", things.dates_calendar, name="calendar"),
    path("<str:code>/dates/<str:date>/change/", things.change_date, name="change_date"),
    path("<str:code>/dates/<str:date>/cancel/", things.cancel_date, name="cancel_date"),
    path("<str:code>/dates/<str:date>/calendar/", things.date_calendar, name="date_calendar"),
]
