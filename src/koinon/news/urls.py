"""Addresses of news, of follows and of newsletters."""

from django.urls import URLPattern

app_name = "news"
urlpatterns: list[URLPattern] = []
