"""Addresses of offers, needs, matches and exchanges."""

from django.urls import URLPattern

app_name = "peers"
urlpatterns: list[URLPattern] = []
