"""Which address leads where. Pages come in every language (`/de/…`); the API and what machines ask do not."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from koinon import api
from koinon.base import problems
from koinon.guide import views as guide
from koinon.home import finding
from koinon.home import views as home
from koinon.questions.views import asking

handler400 = problems.bad_request
handler403 = problems.denied
handler404 = problems.not_found
handler500 = problems.broken

urlpatterns = [
    path("health/live", home.live, name="live"),
    path("health/ready", home.ready, name="ready"),
    path("robots.txt", home.robots, name="robots"),
    path("api/v1/docs", api.docs, name="api_docs"),
    path("api/v1/openapi.json", api.openapi, name="openapi"),
    path("api/v1/", api.api.urls),
    *i18n_patterns(
        path("", home.home, name="home"),
        path("search/", finding.find, name="search"),
        path("places/", include("koinon.places.urls")),
        path("places/<str:key>/", guide.place, name="place"),
        path("places/<str:key>/embed/", guide.embed, name="place_embed"),
        path("places/<str:key>/inside/", guide.parts, name="place_inside"),
        path("places/<str:key>/qr.svg", guide.code, name="place_code"),
        path("news/", include("koinon.news.urls")),
        path("webhooks/", include("koinon.webhooks.urls")),
        path("network/", include("koinon.network.urls")),
        path("reports/", include("koinon.reports.urls")),
        path("notices/", include("koinon.notices.urls")),
        path("practices/", include("koinon.practices.urls")),
        path("calls/", include("koinon.calls.urls")),
        path("courses/", include("koinon.courses.urls")),
        path("peers/", include("koinon.peers.urls")),
        path("spaces/", include("koinon.spaces.urls")),
        path("desk/", include("koinon.desk.urls")),
        path("sessions/", include("koinon.agenda.urls")),
        path("sessions/", include("koinon.room.urls")),
        path("sessions/", include("koinon.minutes.urls")),
        path("ask/", asking.ask, name="ask"),
        path("questions/", include("koinon.questions.urls")),
        path("receipts/", include("koinon.questions.receipt_urls")),
        path("support/", include("koinon.questions.support_urls")),
        path("about/glossary/", include("koinon.topics.urls")),
        path("about/sources/", home.sources, name="sources"),
        path("about/accessibility/", home.accessibility, name="accessibility"),
        path("about/privacy/", home.privacy, name="privacy"),
        path("account/", include("koinon.people.urls")),
        prefix_default_language=False,
    ),
]
