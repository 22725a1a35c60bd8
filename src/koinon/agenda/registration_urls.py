"""Addresses of registering; part of those of the programme, before `<str:code>/`."""

from django.urls import path

from koinon.agenda.views import registrations

urlpatterns = [
    path("places/<str:receipt>/", registrations.place, name="place"),
    path("places/<str:receipt>/change/", registrations.change, name="place_change"),
    path("places/<str:receipt>/cancel/", registrations.cancel, name="place_cancel"),
    path("places/<str:receipt>/accept/", registrations.accept, name="place_accept"),
    path("places/<str:receipt>/here/", registrations.here, name="place_here"),
    path("places/<str:receipt>/certificate/", registrations.certificate, name="place_certificate"),
    path("places/<str:receipt>/stop/", registrations.stop, name="place_stop"),
    path("certificates/<str:number>/", registrations.check, name="certificate"),
    path("<str:code>/register/", registrations.register, name="register"),
    path("<str:code>/register/list/", registrations.registrations, name="registrations"),
    path("<str:code>/register/list/export/", registrations.export, name="export_registrations"),
    path("<str:code>/register/list/needs/", registrations.answer_need, name="answer_need"),
    path("<str:code>/register/list/reminders/", registrations.set_reminder, name="set_reminder"),
]
