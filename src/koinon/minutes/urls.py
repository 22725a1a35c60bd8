"""Where the report of a session is: beside the session's own address."""

from django.urls import path

from koinon.minutes import views

app_name = "minutes"
urlpatterns = [
    path("<str:code>/report/", views.report, name="report"),
    path("<str:code>/report/edit/", views.edit, name="edit"),
    path("<str:code>/report/open/", views.open_for_corrections, name="open"),
    path("<str:code>/report/publish/", views.publish, name="publish"),
    path("<str:code>/report/remarks/", views.remark, name="remark"),
    path("<str:code>/report/remarks/<int:pk>/", views.decide, name="decide"),
    path("<str:code>/report/practices/<int:pk>/", views.to_practice, name="to_practice"),
    path("<str:code>/report/promises/", views.pledge, name="pledge"),
    path("<str:code>/report/promises/<int:pk>/", views.follow_up, name="follow_up"),
]
