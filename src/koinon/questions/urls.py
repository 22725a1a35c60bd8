"""Addresses of published answers and the register."""

from django.urls import path

from koinon.questions.views import answers, asking, files

app_name = "questions"
urlpatterns = [
    path("", answers.answers, name="answers"),
    path("register/", answers.register, name="register"),
    path("like/", asking.like, name="like"),
    path("<int:pk>/", answers.answer, name="answer"),
    path("<int:pk>/helped/", asking.helped, name="helped"),
    path("files/<str:code>/", files.file, name="file"),
    path("<str:number>/files/", files.files, name="files"),
]
