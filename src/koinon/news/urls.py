"""Addresses of news, of follows and of newsletters."""

from django.urls import path

from koinon.news.views import feeds, following

app_name = "news"
urlpatterns = [
    path("feed.<str:ending>", feeds.feed, name="feed"),
    path("follow/", following.follow, name="follow"),
    path("follows/<str:code>/", following.mine, name="follows_mine"),
    path("follows/<str:code>/confirm/", following.confirm, name="follows_confirm"),
    path("follows/<str:code>/change/", following.change, name="follows_change"),
    path("follows/<str:code>/things/<int:pk>/", following.refine, name="follows_refine"),
    path("follows/<str:code>/things/<int:pk>/drop/", following.drop, name="follows_drop"),
    path("follows/<str:code>/stop/", following.stop, name="follows_stop"),
    path("follows/<str:code>/refuse/", following.refuse, name="follows_refuse"),
]
