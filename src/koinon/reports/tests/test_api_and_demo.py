"""Figures and unmet demand for programs; what is invented for a demonstration is marked and goes again."""

import pytest
from django.test import Client

from koinon.agenda.testing import make_session
from koinon.network.models import Role
from koinon.network.testing import make_organisation, make_visitor
from koinon.reports import invented
from koinon.reports.models import Activity, PeriodReport
from koinon.reports.panel import of_body
from koinon.reports.testing import make_activity, make_gaps, make_report

pytestmark = pytest.mark.django_db


def test_programs_get_the_same_figures_as_the_page(client: Client) -> None:
    make_session(state="ended")

    page = client.get("/reports/", {"format": "json"}).json()["items"]

    assert client.get("/api/v1/figures").json()["items"] == page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("place=MT&from=2026-01-01", 200),
        ("body=ncc-it&lang=de", 200),
        ("body=nobody", 404),
        ("place=nowhere", 404),
        ("body=ncc-it&place=MT", 422),
        ("from=2026-02-01&to=2026-01-01", 422),
        ("from=x", 422),
        ("lang=xx", 422),
        ("colour=red", 422),
    ],
)
def test_what_may_be_asked_of_figures(client: Client, query: str, status: int) -> None:
    answer = client.get(f"/api/v1/figures?{query}")

    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_draft_of_a_body_has_no_figures_for_programs(client: Client) -> None:
    body = make_organisation(published=False)

    assert client.get("/api/v1/figures", {"body": body.slug}).status_code == 404


def test_programs_get_unmet_demand_and_nothing_below_five(client: Client) -> None:
    make_gaps(6, "MT")
    make_gaps(4, "LU", shelf="coming")

    items = client.get("/api/v1/unmet").json()["items"]

    assert [(item["shelf"], item["place"], item["times"]) for item in items] == [("money", "MT", 6)]


def test_what_is_invented_is_marked_and_goes_again() -> None:
    real, report = make_activity(), make_report()
    invented.add()
    invented.add()

    rows = Activity.objects.filter(is_demo=True)
    assert rows.count() == 4
    for row in rows:
        assert row.title.startswith(("Demonstration:", "Demostración:", "Демонстрация:"))
    invented.remove()

    assert (list(Activity.objects.all()), list(PeriodReport.objects.all())) == ([real], [report])


def test_a_bodys_page_leads_to_its_figures_and_its_own_people_to_the_log(client: Client) -> None:
    body = make_organisation()

    page = client.get(body.get_absolute_url()).content.decode()

    assert f"/reports/bodies/{body.slug}/" in page
    assert "/reports/log/" not in page
    request = type("Request", (), {"visitor": make_visitor(Role.Kind.EDITOR, body)})()
    panel = of_body(request, body)
    assert panel is not None
    assert panel.context["logs"]
