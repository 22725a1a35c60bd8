"""Addresses of offers, needs, matches and exchanges."""

from django.urls import include, path

from koinon.peers.views import board, exchanges, matches, own, people

app_name = "peers"
urlpatterns = [
    path("", board.board, name="board"),
    path("mine/", own.mine, name="mine"),
    path("new/<str:kind>/", own.new, name="new"),
    path("entries/<str:code>/", board.entry, name="entry"),
    path("entries/<str:code>/edit/", own.edit, name="edit"),
    path("entries/<str:code>/close/", own.close, name="close"),
    path("entries/<str:code>/take-down/", own.take_down, name="take_down"),
    path("matches/<str:own>/<str:there>/", matches.pair, name="pair"),
    path("matches/<str:own>/<str:there>/answer/", matches.answer, name="answer"),
    path("introductions/<str:code>/", matches.introduction, name="match"),
    path("introductions/<str:code>/write/", matches.write, name="write"),
    path("introductions/<str:code>/exchange/", exchanges.propose, name="propose"),
    path("messages/<int:pk>/", matches.message, name="message"),
    path("exchanges/", exchanges.exchanges, name="exchanges"),
    path("exchanges/<str:code>/", exchanges.exchange, name="exchange"),
    path("exchanges/<str:code>/change/", exchanges.change, name="change_exchange"),
    path("exchanges/<str:code>/agree/", exchanges.agree, name="agree"),
    path("exchanges/<str:code>/call-off/", exchanges.call_off, name="call_off"),
    path("exchanges/<str:code>/result/", exchanges.result, name="result"),
    path("exchanges/<str:code>/consent/", exchanges.consent, name="consent"),
    path("exchanges/<str:code>/withdraw/", exchanges.withdraw, name="withdraw_consent"),
    path("exchanges/<str:code>/take-down/", own.take_down_exchange, name="take_down_exchange"),
    path("reviews/", include("koinon.peers.reviews.urls")),
    path("people/", people.people, name="people"),
    path("people/mine/", people.profile, name="profile"),
    path("people/said/<str:code>/", board.person_entry, name="person_entry"),
    path("people/<str:code>/", people.person, name="person"),
    path("people/<str:code>/unlist/", people.unlist, name="unlist"),
    path("people/<str:code>/take-down/", own.take_down_person, name="take_down_person"),
]
