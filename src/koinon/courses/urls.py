"""Addresses of courses, of learning, of certificates, of the self-check, and of those who write."""

from django.urls import path

from koinon.courses.views import catalogue, certificates, checking, learning, reading, translating, writing

app_name = "courses"
urlpatterns = [
    path("", catalogue.courses, name="list"),
    path("new/", writing.new, name="new"),
    path("drafts/", writing.drafts, name="drafts"),
    path("mine/", learning.mine, name="mine"),
    path("self-check/", checking.check, name="self_check"),
    path("self-check/keep/", checking.keep, name="keep_check"),
    path("self-check/kept/<int:pk>/", checking.kept, name="kept_check"),
    path("self-check/kept/<int:pk>/remove/", checking.forget, name="forget_check"),
    path("certificates/", certificates.find, name="find_certificate"),
    path("certificates/<str:number>/", certificates.check, name="certificate"),
    path("certificates/<str:number>/take-back/", certificates.take_back, name="take_back"),
    path("<str:slug>/", reading.course, name="course"),
    path("<str:slug>/enrol/", learning.enrol, name="enrol"),
    path("<str:slug>/leave/", learning.leave, name="leave"),
    path("<str:slug>/accept/", learning.accept, name="accept"),
    path("<str:slug>/certificate/", learning.certificate, name="certify"),
    path("<str:slug>/totals/", writing.totals, name="totals"),
    path("<str:slug>/publish/", writing.publish, name="publish"),
    path("<str:slug>/withdraw/", writing.withdraw, name="withdraw"),
    path("<str:slug>/delete/", writing.delete, name="delete"),
    path("<str:slug>/open/", writing.set_open, name="set_open"),
    path("<str:slug>/edit/", writing.edit, name="edit"),
    path("<str:slug>/edit/from-session/", writing.from_session, name="from_session"),
    path("<str:slug>/edit/dates/", writing.add_dates, name="add_dates"),
    path("<str:slug>/edit/dates/<int:pk>/", writing.dates, name="dates"),
    path("<str:slug>/edit/dates/<int:pk>/remove/", writing.remove_dates, name="remove_dates"),
    path("<str:slug>/edit/modules/", writing.add_module, name="add_module"),
    path("<str:slug>/edit/modules/<int:number>/", writing.edit_module, name="edit_module"),
    path("<str:slug>/edit/modules/<int:number>/move/", writing.move_module, name="move_module"),
    path("<str:slug>/edit/modules/<int:number>/remove/", writing.remove_module, name="remove_module"),
    path("<str:slug>/edit/modules/<int:number>/file/", writing.set_file, name="set_file"),
    path("<str:slug>/edit/modules/<int:number>/questions/", writing.add_question, name="add_question"),
    path(
        "<str:slug>/edit/modules/<int:number>/questions/<int:pk>/",
        writing.edit_question,
        name="edit_question",
    ),
    path(
        "<str:slug>/edit/modules/<int:number>/questions/<int:pk>/remove/",
        writing.remove_question,
        name="remove_question",
    ),
    path("<str:slug>/translate/", translating.languages, name="languages"),
    path("<str:slug>/translate/<str:language>/", translating.language, name="language"),
    path("<str:slug>/translate/<str:language>/course/", translating.course_texts, name="course_texts"),
    path("<str:slug>/translate/<str:language>/<int:number>/", translating.module_texts, name="module_texts"),
    path("<str:slug>/translate/<str:language>/machine/", translating.by_machine, name="by_machine"),
    path("<str:slug>/<int:number>/", reading.module, name="module"),
    path("<str:slug>/<int:number>/file/", reading.file, name="file"),
    path("<str:slug>/<int:number>/done/", learning.done, name="done"),
]
