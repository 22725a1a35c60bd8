"""Where places are found; the page of a place itself is the guide's."""

from django.urls import path

from koinon.places import views

app_name = "places"
urlpatterns = [path("", views.find, name="find")]
