"""Addresses of the asker's private page."""

from django.urls import path

from koinon.questions.views import receipts

app_name = "receipts"
urlpatterns = [
    path("<str:code>/", receipts.receipt, name="receipt"),
    path("<str:code>/add/", receipts.add, name="add"),
    path("<str:code>/decide/", receipts.decide, name="decide"),
    path("<str:code>/language/", receipts.correct_language, name="language"),
    path("<str:code>/complain/", receipts.complain, name="complain"),
    path("<str:code>/not-the-same/", receipts.not_the_same, name="not_the_same"),
    path("<str:code>/withdraw/", receipts.withdraw, name="withdraw"),
    path("<str:code>/confirm/", receipts.confirm, name="confirm"),
    path("<str:code>/stop/", receipts.stop, name="stop"),
]
