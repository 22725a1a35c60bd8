"""Addresses of the support desk."""

from django.urls import path

from koinon.desk.views import acting, case, inbox, promise, publishing

app_name = "desk"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("promise/", promise.promises, name="promise"),
    path("<str:number>/", case.case, name="case"),
    path("<str:number>/state/", case.state, name="state"),
    path("<str:number>/take/", acting.take, name="take"),
    path("<str:number>/accept/", acting.accept, name="accept"),
    path("<str:number>/give-back/", acting.give_back, name="give_back"),
    path("<str:number>/assign/", acting.assign, name="assign"),
    path("<str:number>/forward/", acting.forward, name="forward"),
    path("<str:number>/note/", acting.note, name="note"),
    path("<str:number>/ask-back/", acting.ask_back, name="ask_back"),
    path("<str:number>/answer/", acting.answer, name="answer"),
    path("<str:number>/merge/", acting.merge, name="merge"),
    path("<str:number>/decline/", acting.decline, name="decline"),
    path("<str:number>/new-date/", acting.new_date, name="new_date"),
    path("<str:number>/take-over/", acting.take_over, name="take_over"),
    path("<str:number>/language/", acting.correct_language, name="language"),
    path("<str:number>/publish/", publishing.publish, name="publish"),
    path("<str:number>/publish/also-asked/", publishing.also_asked, name="also_asked"),
    path("<str:number>/publish/practice/", publishing.to_practice, name="to_practice"),
    path("<str:number>/publish/withdraw/", publishing.withdraw, name="withdraw"),
]
