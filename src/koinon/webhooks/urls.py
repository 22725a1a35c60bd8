"""Addresses of webhooks."""

from django.urls import path

from koinon.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.hooks, name="hooks"),
    path("new/", views.new, name="new"),
    path("<str:code>/", views.hook, name="hook"),
    path("<str:code>/edit/", views.edit, name="edit"),
    path("<str:code>/pause/", views.pause, name="pause"),
    path("<str:code>/go-on/", views.go_on, name="go_on"),
    path("<str:code>/secret/", views.renew, name="renew"),
    path("<str:code>/test/", views.try_out, name="test"),
    path("<str:code>/remove/", views.remove, name="remove"),
]
