"""Where notices are sent, read, decided and counted."""

from django.urls import path

from koinon.notices import views

app_name = "notices"

urlpatterns = [
    path("", views.queue, name="queue"),
    path("new/", views.new, name="new"),
    path("new/<path:about>/", views.send, name="send"),
    path("tallies/", views.tallies, name="tallies"),
    path("receipt/<str:code>/", views.receipt, name="receipt"),
    path("receipt/<str:code>/complain/", views.complain, name="complain"),
    path("decisions/", views.decisions, name="decisions"),
    path("decisions/<str:number>/", views.decision, name="decision"),
    path("decisions/<str:number>/complain/", views.complain_here, name="complain_here"),
    path("feedback/", views.feedback_list, name="feedback_list"),
    path("feedback/<str:number>/", views.feedback, name="feedback"),
    path("feedback/<str:number>/answer/", views.answer, name="answer"),
    path("<str:number>/", views.notice, name="notice"),
    path("<str:number>/decide/", views.decide, name="decide"),
    path("<str:number>/complaint/", views.decide_complaint, name="decide_complaint"),
]
