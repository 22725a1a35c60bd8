"""Addresses of expert support for managing authorities."""

from django.urls import path

from koinon.questions.views import support

app_name = "support"
urlpatterns = [
    path("", support.mine, name="mine"),
    path("new/", support.new, name="new"),
    path("handlers/<str:handle>/", support.assign, name="assign"),
    path("<str:number>/", support.request_page, name="request"),
    path("<str:number>/add/", support.add, name="add"),
    path("<str:number>/details/", support.details, name="details"),
    path("<str:number>/coauthors/", support.coauthors, name="coauthors"),
    path("<str:number>/coauthors/remove/", support.remove_coauthor, name="remove_coauthor"),
    path("<str:number>/consent/", support.consent, name="consent"),
    path("<str:number>/changed/", support.changed, name="changed"),
    path("<str:number>/withdraw/", support.withdraw, name="withdraw"),
    path("<str:number>/accept/", support.accept, name="accept"),
    path("<str:number>/give-back/", support.give_back, name="give_back"),
    path("<str:number>/answer/", support.answer, name="answer"),
    path("<str:number>/ask-back/", support.ask_back, name="ask_back"),
    path("<str:number>/note/", support.note, name="note"),
    path("<str:number>/decline/", support.decline, name="decline"),
    path("<str:number>/outcome/", support.outcome, name="outcome"),
    path("<str:number>/share/", support.share, name="share"),
]
