"""Addresses of the library and of a practice."""

from django.urls import path

from koinon.practices.exchange import views as exchange
from koinon.practices.views import adopting, library, reading, reviewing, translating, writing

app_name = "practices"
urlpatterns = [
    path("", library.library, name="list"),
    path("new/", writing.new, name="new"),
    path("mine/", writing.mine, name="mine"),
    path("mine/send/", writing.send_in, name="send_in"),
    path("inbox/", reviewing.inbox, name="inbox"),
    path("lineage/", adopting.lineage, name="lineage"),
    path("lineage.<str:ending>", adopting.lineage_file, name="lineage_file"),
    path("mine.<str:ending>", exchange.mine_file, name="mine_file"),
    path("export/", exchange.export_page, name="export"),
    path("export/organisation/", exchange.export_organisation, name="export_organisation"),
    path("import/", exchange.import_page, name="import"),
    path("import/template.<str:ending>", exchange.template, name="import_template"),
    path("import/<int:pk>/", exchange.imported, name="imported"),
    path("import/<int:pk>/run/", exchange.take_in, name="take_in"),
    path("import/<int:pk>/undo/", exchange.undo, name="undo_import"),
    path("<str:slug>/", reading.practice, name="practice"),
    path("<str:slug>/versions/", reading.versions, name="versions"),
    path("<str:slug>/versions/<int:number>/", reading.version, name="version"),
    path("<str:slug>/versions/<int:number>/reviews/", reviewing.reviews, name="reviews"),
    path("<str:slug>/changes/<int:old>/<int:number>/", reading.changes, name="changes"),
    path("<str:slug>/pictures/<str:code>", reading.picture, name="picture"),
    path("<str:slug>/edit/", writing.edit, name="edit"),
    path("<str:slug>/edit/pictures/", writing.add_picture, name="add_picture"),
    path("<str:slug>/edit/pictures/<str:code>/remove/", writing.remove_picture, name="remove_picture"),
    path("<str:slug>/submit/", writing.submit, name="submit"),
    path("<str:slug>/revise/", writing.revise, name="revise"),
    path("<str:slug>/drop/", writing.drop, name="drop"),
    path("<str:slug>/delete/", writing.delete, name="delete"),
    path("<str:slug>/review/", reviewing.review, name="review"),
    path("<str:slug>/review/assign/", reviewing.assign, name="assign"),
    path("<str:slug>/review/second/", reviewing.second, name="second"),
    path("<str:slug>/review/note/", reviewing.note, name="note"),
    path("<str:slug>/confirm/", reviewing.confirm, name="confirm"),
    path("<str:slug>/withdraw/", reviewing.withdraw, name="withdraw"),
    path("<str:slug>/restore/", reviewing.restore, name="restore"),
    path("<str:slug>/adopt/", adopting.adopt, name="adopt"),
    path("<str:slug>/adoptions/<int:pk>/", adopting.adoption, name="adoption"),
    path("<str:slug>/adoptions/<int:pk>/edit/", adopting.change, name="change_adoption"),
    path("<str:slug>/adoptions/<int:pk>/confirm/", adopting.confirm, name="confirm_adoption"),
    path("<str:slug>/adoptions/<int:pk>/remove/", adopting.remove, name="remove_adoption"),
    path("<str:slug>/translate/", translating.choose, name="languages"),
    path("<str:slug>/translate/<str:language>/", translating.translate, name="translate"),
    path("<str:slug>/translate/<str:language>/machine/", translating.by_machine, name="by_machine"),
    path("<str:slug>/translate/<str:language>/remove/", translating.remove, name="remove_translation"),
]
