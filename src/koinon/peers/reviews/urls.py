"""Addresses of reviews, below those of peers."""

from django.urls import path

from koinon.peers.reviews.views import coming, hosting, reading

urlpatterns = [
    path("", reading.reviews, name="reviews"),
    path("mine/", reading.mine, name="reviews_mine"),
    path("new/<str:kind>/", hosting.new, name="new_review"),
    path("<str:code>/", reading.review, name="review"),
    path("<str:code>/edit/", hosting.edit, name="edit_review"),
    path("<str:code>/publish/", hosting.publish, name="publish_review"),
    path("<str:code>/delete/", hosting.delete, name="delete_review"),
    path("<str:code>/cancel/", hosting.cancel, name="cancel_review"),
    path("<str:code>/take-down/", hosting.take_down, name="take_down_review"),
    path("<str:code>/papers/", reading.papers, name="review_papers"),
    path("<str:code>/apply/", coming.apply, name="apply_review"),
    path("<str:code>/applications/", hosting.applications, name="review_applications"),
    path("<str:code>/applications/<int:pk>/answer/", hosting.answer, name="answer_application"),
    path("<str:code>/applications/<int:pk>/withdraw/", coming.withdraw, name="withdraw_application"),
    path("<str:code>/applications/<int:pk>/named/", coming.named, name="name_application"),
    path("<str:code>/agenda/", hosting.agenda, name="review_agenda"),
    path("<str:code>/agenda/<int:pk>/", hosting.item, name="review_item"),
    path("<str:code>/recommendations/", hosting.recommendations, name="review_recommendations"),
    path("<str:code>/recommendations/show/", hosting.show, name="show_recommendations"),
    path("<str:code>/recommendations/<int:pk>/", hosting.recommendation, name="review_recommendation"),
    path("<str:code>/follow-up/", hosting.follow_up, name="review_follow_up"),
]
