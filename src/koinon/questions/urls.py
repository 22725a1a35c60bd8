"""Addresses of published answers and the register."""

from django.urls import path

from koinon.questions.views import answers, asking

app_name = "questions"
urlpatterns = [
    path("", answers.answers, name="answers"),
    path("register/", answers.register, name="register"),
    path("like/", asking.like, name="like"),
    path("<int:pk>/", answers.answer, name="answer"),
    path("<int:pk>/helped/", asking.helped, name="helped"),
]
