"""What is promised of a practice's life: along the drawn arrows, whatever anybody tries; the author never says yes (I5, I10)."""

import contextlib
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import sampled_from

from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.people.testing import make_person
from koinon.practices.actions import keeping, reviewing, writing
from koinon.practices.content import content_of
from koinon.practices.life import ARROWS, IN_WORK, NotFrom, State, step
from koinon.practices.models import Practice, Review
from koinon.practices.testing import make_content, make_practice
from koinon.practices.tests.helping import findings

pytestmark = pytest.mark.django_db


class Walk(RuleBasedStateMachine):
    """Everybody tries everything, in any order."""

    def __init__(self) -> None:
        super().__init__()
        centre = make_organisation()
        self.people = {"owner": make_person(), "editor": make_person(), "manager": make_person()}
        self.people |= {"other": make_person(), "coordinator": make_person()}
        # The owner manages the centre too: in no role does an author decide.
        for name, kind in (
            ("owner", "manager"),
            ("owner", "innovator"),
            ("editor", "editor"),
            ("manager", "manager"),
        ):
            Role.objects.create(person=self.people[name], kind=kind, organisation=centre)
        Role.objects.create(person=self.people["coordinator"], kind="coordinator")
        self.practice = make_practice(state=State.DRAFT, owner=self.people["owner"], organisation=centre)
        self.before = self._states()
        self.said_yes: set[int] = set()

    def _states(self) -> tuple[str, dict[int, str]]:
        self.practice.refresh_from_db()
        return self.practice.state, dict(self.practice.versions.values_list("number", "state"))

    def _try(self, who: str, deed: Any) -> None:
        version = self.practice.in_work or self.practice.latest
        with contextlib.suppress(
            PermissionDenied, NotFrom, writing.Lacking, writing.Changed, reviewing.NotPossible
        ):
            deed(version, visitor_for(self.people[who]))

    WHO = sampled_from(["owner", "editor", "manager", "other", "coordinator"])

    @rule(who=WHO, title=sampled_from(["One", "Two"]))
    def change(self, who: str, title: str) -> None:
        self._try(who, lambda v, by: writing.change(v, by=by, edits=v.edits, content=make_content(title)))

    @rule(who=WHO)
    def submit(self, who: str) -> None:
        self._try(who, lambda v, by: writing.submit(v, by=by))

    @rule(who=WHO, to=sampled_from(["editor", "manager", "owner"]))
    def assign(self, who: str, to: str) -> None:
        self._try(who, lambda v, by: reviewing.assign(v, by=by, to=self.people[to]))

    @rule(who=WHO, decision=sampled_from(list(Review.Decision.values)))
    def decide(self, who: str, decision: str) -> None:
        self._try(who, lambda v, by: reviewing.decide(v, by=by, findings=findings(decision)))

    @rule(who=WHO)
    def revise(self, who: str) -> None:
        self._try(who, lambda v, by: writing.revise(self.practice, by=by))

    @rule(who=WHO)
    def drop(self, who: str) -> None:
        self._try(who, lambda v, by: writing.drop(v, by=by))

    @rule(who=WHO)
    def withdraw(self, who: str) -> None:
        self._try(who, lambda v, by: keeping.withdraw(self.practice, by=by, because="asked"))

    @rule(who=WHO)
    def restore(self, who: str) -> None:
        self._try(who, lambda v, by: keeping.restore(self.practice, by=by))

    @invariant()
    def only_along_the_arrows(self) -> None:
        was, versions_before = self.before
        now, versions_now = self._states()
        assert now == was or State(now) in ARROWS[State(was)]
        for number, state in versions_now.items():
            old = versions_before.get(number, State.DRAFT)
            assert state == old or State(state) in ARROWS[State(old)]
        self.before = (now, versions_now)

    @invariant()
    def one_version_under_way_and_what_is_public_is_reviewed(self) -> None:
        rows = list(self.practice.versions.all())
        assert sum(row.state in IN_WORK for row in rows) <= 1
        for row in rows:
            if row.state == State.PUBLISHED:
                yes = row.reviews.of_now().done().filter(decision="publish")
                assert yes.exists()
                writers = set(row.writers.values_list("pk", flat=True)) | {self.practice.owner_id}
                assert not writers & set(yes.values_list("reviewer", flat=True))
        shown = self.practice.shown
        assert (shown is not None) == (self.practice.state in {State.PUBLISHED, State.WITHDRAWN})
        assert shown is None or shown.state == State.PUBLISHED


def test_no_walk_leaves_the_arrows_and_no_author_says_yes() -> None:
    run_state_machine_as_test(Walk, settings=settings(max_examples=25, stateful_step_count=25, deadline=None))


def test_a_version_can_get_through_the_whole_life() -> None:
    """The positive control of the walk: it is not all denied."""
    centre = make_organisation()
    owner, manager = make_person(), make_person()
    Role.objects.create(person=manager, kind="manager", organisation=centre)
    Role.objects.create(person=owner, kind="innovator", organisation=centre)
    by, head = visitor_for(owner), visitor_for(manager)
    practice = writing.draft(make_content(), by=by, organisation=centre)

    version = writing.submit(practice.latest, by=by)
    reviewing.decide(version, by=head, findings=findings("changes"))
    version.refresh_from_db()
    changed = writing.change(version, by=by, edits=version.edits, content=make_content("Better"))
    reviewing.decide(writing.submit(changed, by=by), by=head, findings=findings("publish"))
    practice.refresh_from_db()
    again = writing.revise(practice, by=by)

    assert (practice.state, practice.latest.title, again.number) == (State.PUBLISHED, "Better", 2)
    assert content_of(again) == content_of(practice.latest)


def test_there_is_no_way_round_the_arrows() -> None:
    practice = Practice(state=State.DRAFT)

    with pytest.raises(NotFrom):
        step(practice, State.PUBLISHED)
    assert practice.state == State.DRAFT
