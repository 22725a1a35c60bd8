"""Where the network is: the directory, an organisation, its people, corrections and confirmations."""

from django.urls import path

from koinon.network.views import corrections, directory, facts, organisation, people

app_name = "network"

urlpatterns = [
    path("", directory.directory, name="directory"),
    path("corrections/<str:code>/", corrections.receipt, name="receipt"),
    path("confirm/<str:code>/", facts.confirm_by_link, name="confirm"),
    path("roles/<int:pk>/leave/", people.leave, name="leave"),
    path("<slug:slug>/", organisation.organisation, name="organisation"),
    path("<slug:slug>/suggest/", corrections.suggest, name="suggest"),
    path("<slug:slug>/corrections/", corrections.corrections, name="corrections"),
    path("<slug:slug>/corrections/<int:pk>/", corrections.decide, name="decide"),
    path("<slug:slug>/edit/", facts.edit, name="edit"),
    path("<slug:slug>/edit/consortium/", facts.edit_consortium, name="edit_consortium"),
    path("<slug:slug>/publish/", facts.publish, name="publish"),
    path("<slug:slug>/confirm/", facts.confirm, name="confirm_here"),
    path("<slug:slug>/people/", people.people, name="people"),
    path("<slug:slug>/people/invite/", people.invite, name="invite"),
    path("<slug:slug>/people/<int:pk>/end/", people.end, name="end_role"),
    path("<slug:slug>/journal/", people.journal, name="journal"),
]
