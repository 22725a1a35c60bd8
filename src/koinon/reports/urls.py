"""Addresses of figures, of unmet demand, of the log and of periodic reports."""

from django.urls import path

from koinon.reports.views import log, overview, reports

app_name = "reports"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("bodies/<slug:slug>/", overview.body, name="body"),
    path("places/<str:key>/", overview.place, name="place"),
    path("unmet/", overview.unmet, name="unmet"),
    path("log/", log.log, name="log"),
    path("log/new/", log.new, name="activity_new"),
    path("log/<int:pk>/", log.activity, name="activity"),
    path("log/<int:pk>/edit/", log.edit, name="activity_edit"),
    path("log/<int:pk>/house/", log.follow_the_house, name="activity_house"),
    path("log/<int:pk>/withdraw/", log.withdraw, name="activity_withdraw"),
    path("periods/", reports.reports, name="reports"),
    path("periods/new/", reports.new, name="report_new"),
    path("periods/table.<str:ending>", reports.table, name="table"),
    path("periods/<int:pk>/", reports.report, name="report"),
    path("periods/<int:pk>/edit/", reports.edit, name="report_edit"),
    path("periods/<int:pk>/submit/", reports.submit, name="submit"),
    path("periods/<int:pk>/decide/", reports.decide, name="decide"),
]
