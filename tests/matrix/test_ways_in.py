"""Nothing unlisted: every address, operation, command and mail names its row, and every address is probed."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from koinon.base import governance
from koinon.base.governance import PUBLIC_PAGE, Governed, governed_by, operations
from tests.matrix.built import PROBES, ROWS_OF_ADDRESS, SAMPLES
from tests.matrix.not_built import ROWS_NOT_BUILT
from tests.matrix.table import ACTORS
from tests.matrix.table import rows as all_rows
from tests.matrix.world import World


def named_views() -> Iterator[tuple[str, URLPattern]]:
    """Every address by the name that `reverse` takes."""

    def walk(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from walk(pattern.url_patterns, inner)
            else:
                yield f"{space}{pattern.name}", pattern

    yield from walk(get_resolver().url_patterns, "")


def rows_of(pattern: URLPattern) -> set[str]:
    found = operations(pattern.callback)
    named = [governed_by(one.view_func) for one in found] if found else [governed_by(pattern.callback)]
    return {one.row for one in named if one}


def governed_views() -> dict[str, set[str]]:
    """Name → rows, for every address that is more than a public page."""
    found: dict[str, set[str]] = {}
    for name, view in named_views():
        if rows := rows_of(view) - {PUBLIC_PAGE}:
            found.setdefault(name, set()).update(rows | ROWS_OF_ADDRESS.get(name, set()))
    return found


def public_views() -> dict[str, URLPattern]:
    return {name: view for name, view in named_views() if not operations(view.callback) and not _more(view)}


def _more(view: URLPattern) -> bool:
    return bool(rows_of(view) - {PUBLIC_PAGE})


def test_nothing_is_unlisted() -> None:
    assert governance.everything_names_its_row() == []


def test_an_address_without_a_row_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    real = list(governance.ways_in())
    monkeypatch.setattr(
        governance, "ways_in", lambda: [*real, ("secret/door/", None), ("odd/", Governed("Z9"))]
    )

    problems = governance.everything_names_its_row()

    assert [problem.id for problem in problems] == ["koinon.E001", "koinon.E002"]


def test_a_command_or_a_mail_without_a_row_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(governance, "commands", lambda: [("blow_up", None)])
    monkeypatch.setattr(governance, "mail_templates", lambda: ["somewhere/mail/gossip"])

    problems = governance.everything_names_its_row()

    assert [problem.id for problem in problems] == ["koinon.E001", "koinon.E001"]
    with pytest.raises(LookupError):
        governance.mail_row("somewhere/mail/gossip")


def test_each_address_has_a_probe() -> None:
    probed = {view for probe in PROBES for view in probe.views}
    existing = set(governed_views())

    assert existing - probed == set(), "addresses that nobody tries"
    assert probed - existing == set(), "probes of addresses that are not there"


def test_each_probe_stands_in_the_row_that_its_address_names() -> None:
    views = governed_views()

    assert {str(p): view for p in PROBES for view in p.views if p.row not in views.get(view, set())} == {}


def test_what_is_not_built_has_no_address_and_what_is_built_is_not_listed_so() -> None:
    with_address = {row for found in governed_views().values() for row in found}

    assert with_address & set(ROWS_NOT_BUILT) == set(), "take these from ROWS_NOT_BUILT and write probes"
    assert set(all_rows()) - with_address == set(ROWS_NOT_BUILT)


@pytest.mark.parametrize("actor", ACTORS)
def test_public_pages_are_read_by_all_and_set_no_cookie(actor: str, world: World) -> None:
    wrong = []
    for name, pattern in public_views().items():
        if "GET" not in (governed_by(pattern.callback) or Governed(PUBLIC_PAGE)).rights:
            continue
        sample, status = SAMPLES.get(name, ({}, 200))
        if pattern.pattern.converters and name not in SAMPLES:
            wrong.append(f"{name} holds a variable: say in SAMPLES what to put there")
            continue
        cache.clear()
        client = world.client(actor)
        answer = client.get(reverse(name, kwargs=sample))
        expected = {status} if name in SAMPLES else {200, 302}
        if answer.status_code not in expected:
            wrong.append(f"{name}: {answer.status_code}")
        if actor == "ANON" and (answer.cookies or client.cookies):
            wrong.append(f"{name} sets a cookie")
    assert not wrong, "\n".join(wrong)


def test_other_methods_are_refused(world: World) -> None:
    """Whatever a view has not named is 405, for who may do everything else there too."""
    wrong = []
    for name, pattern in named_views():
        found = operations(pattern.callback)
        if found:
            allowed = {method for operation in found for method in operation.methods}
        elif named := governed_by(pattern.callback):
            allowed = set(named.rights)
        else:
            continue
        sample = {
            key: 1 if type(converter).__name__ == "IntConverter" else "unknown"
            for key, converter in pattern.pattern.converters.items()
        }
        address = reverse(name, kwargs=sample)
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
            status = world.client("NCO").generic(method, address).status_code
            if status != 405:
                wrong.append(f"{method} {name}: {status}")
    assert not wrong, "\n".join(wrong)


def test_a_page_says_who_it_is_for_only_by_its_session(world: World) -> None:
    """A token opens the API and no page; a session opens pages and nothing of the API."""
    client = Client(headers={"Authorization": "Bearer nonsense"})

    assert client.get("/account/login/").status_code == 200
    assert client.get("/account/").status_code == 302
    assert world.client("CMG").get("/account/").status_code == 200
