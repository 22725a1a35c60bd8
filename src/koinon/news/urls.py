"""Addresses of news, of follows and of newsletters."""

from django.urls import path

from koinon.news.views import feeds, following, items, letters

app_name = "news"
urlpatterns = [
    path("", items.news, name="list"),
    path("new/", items.new, name="new"),
    path("mine/", items.mine, name="mine"),
    path("feed.<str:ending>", feeds.feed, name="feed"),
    path("follow/", following.follow, name="follow"),
    path("follows/<str:code>/", following.mine, name="follows_mine"),
    path("follows/<str:code>/confirm/", following.confirm, name="follows_confirm"),
    path("follows/<str:code>/change/", following.change, name="follows_change"),
    path("follows/<str:code>/things/<int:pk>/", following.refine, name="follows_refine"),
    path("follows/<str:code>/things/<int:pk>/drop/", following.drop, name="follows_drop"),
    path("follows/<str:code>/stop/", following.stop, name="follows_stop"),
    path("follows/<str:code>/refuse/", following.refuse, name="follows_refuse"),
    path("letters/", letters.archive, name="letters"),
    path("letters/mine/", letters.drafts, name="letters_mine"),
    path("letters/new/", letters.new, name="letter_new"),
    path("letters/<int:pk>/", letters.letter, name="letter"),
    path("letters/<int:pk>/edit/", letters.edit, name="letter_edit"),
    path("letters/<int:pk>/ready/", letters.hand_over, name="letter_ready"),
    path("letters/<int:pk>/test/", letters.try_out, name="letter_test"),
    path("letters/<int:pk>/release/", letters.release, name="letter_release"),
    path("letters/<int:pk>/stop/", letters.stop, name="letter_stop"),
    path("<str:slug>/", items.item, name="item"),
    path("<str:slug>/edit/", items.edit, name="edit"),
    path("<str:slug>/publish/", items.publish, name="publish"),
    path("<str:slug>/withdraw/", items.withdraw, name="withdraw"),
    path("<str:slug>/delete/", items.delete, name="delete"),
    path("<str:slug>/translate/", items.translate, name="translate"),
]
