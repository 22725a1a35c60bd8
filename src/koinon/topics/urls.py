"""Where the words of the field are."""

from django.urls import path

from koinon.topics import views

app_name = "topics"
urlpatterns = [path("", views.glossary, name="glossary")]
