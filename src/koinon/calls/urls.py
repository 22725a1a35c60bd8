"""Addresses of calls."""

from django.urls import path

from koinon.calls.views import keeping, reading, table

app_name = "calls"
urlpatterns = [
    path("", reading.calls, name="list"),
    path("new/", keeping.new, name="new"),
    path("mine/", keeping.mine, name="mine"),
    path("article-14/", table.article14, name="article14"),
    path("<slug:slug>.ics", reading.calendar, name="calendar"),
    path("<slug:slug>/", reading.call, name="call"),
    path("<slug:slug>/check/", reading.check, name="check"),
    path("<slug:slug>/ask/", reading.ask, name="ask"),
    path("<slug:slug>/history/", reading.history, name="history"),
    path("<slug:slug>/edit/", keeping.edit, name="edit"),
    path("<slug:slug>/edit/dates/", keeping.dates, name="dates"),
    path("<slug:slug>/edit/dates/<int:pk>/", keeping.one_date, name="date"),
    path("<slug:slug>/edit/conditions/", keeping.conditions, name="conditions"),
    path("<slug:slug>/edit/conditions/<int:pk>/", keeping.one_condition, name="condition"),
    path("<slug:slug>/edit/whole/", keeping.whole, name="whole"),
    path("<slug:slug>/publish/", keeping.publish, name="publish"),
    path("<slug:slug>/confirm/", keeping.confirm, name="confirm"),
    path("<slug:slug>/checked/", keeping.checked, name="checked"),
    path("<slug:slug>/withdraw/", keeping.withdraw, name="withdraw"),
    path("<slug:slug>/delete/", keeping.delete, name="delete"),
]
