"""How punctual Social Services are, as a measure: what the page of timeliness judges of each conference."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cases.models import Case
from conferences.actions import Decided, correct_outcome
from conferences.enums import ConferenceKind, Outcome
from conferences.models import Conference, OutcomeFor
from conferences.timeliness import FIRST_REVIEW, INITIAL, LATER_REVIEW, UNKNOWN, judge
from deadlines.calendar import ONE_DAY
from deadlines.clock import LONDON, london_date
from oversight.counting import bring_up_to_date
from oversight.models import Changed, Fact
from people.said import PersonSaid
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_plan, children_on, decided, held
from tests.factories.figures import figures_are_right
from tests.factories.referrals import a_case, a_child
from tests.shared import Shared, undone

pytestmark = pytest.mark.django_db

REVIEW = ConferenceKind.REVIEW
# Of each initial conference the discussion, and the last day on which it would be in time: over Christmas, Easter and
# the bank holidays in May, and from a Saturday.
INITIALS = [
    (date(2009, 12, 13), date(2010, 1, 6)),
    (date(2010, 3, 22), date(2010, 4, 14)),
    (date(2010, 4, 24), date(2010, 5, 17)),
]


def at(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 10, 0, tzinfo=LONDON)


def was_held(case: Case, on: date, outcome: Outcome, **other: Any) -> Conference:
    move_time_to(at(on) - timedelta(days=2))
    return decided(held(a_conference(case, starts_at=at(on), **other)), outcome)


def build() -> dict[str, Conference]:
    found: dict[str, Conference] = {}
    move_time_to(at(date(2009, 2, 2)))
    family = a_case(children=[a_child("Rhys"), a_child("Nia")])
    first = a_case(children=[PersonSaid(given_names="Rhys", same_as=children_on(family)[0].pk)])
    found["began"] = was_held(first, date(2009, 3, 2), Outcome.PLAN)
    # Of two children: Rhys’s first review was due on 2 June; Nia is on no plan.
    found["first"] = was_held(family, date(2009, 6, 3), Outcome.ADJOURNED, kind=REVIEW)
    for child, outcome, category in ((0, Outcome.CONTINUES, "neglect"), (1, Outcome.NO_PLAN, "")):
        row = OutcomeFor.objects.get(conference=found["first"], child=children_on(family)[child])
        now = Decided(row.child, outcome, category)
        correct_outcome(row, decided=now, why="As the minutes say", by=User.objects.system())
    found["put off"] = was_held(first, date(2009, 12, 2), Outcome.ADJOURNED, kind=REVIEW)
    found["later"] = was_held(first, date(2009, 12, 4), Outcome.CONTINUES, kind=REVIEW)
    # The initial conference of a baby is a review of her brother’s plan.
    baby = a_case(children=[a_child("Elin"), PersonSaid(given_names="Rhys", same_as=children_on(first)[0].pk)])
    found["baby"] = was_held(baby, date(2010, 1, 4), Outcome.ADJOURNED, initiated_on=date(2009, 12, 30))
    # So it is to a sister whose plan was there before CAIT.
    before = a_case(children=[a_child("Mina")])
    a_plan(before, from_on=date(2008, 6, 1), conference_on=date(2009, 8, 31), conference_was_initial=False)
    found["another baby"] = was_held(before, date(2010, 1, 5), Outcome.CONTINUES)
    found["her review"] = was_held(before, date(2010, 5, 28), Outcome.CONTINUES, kind=REVIEW)
    there = a_case()
    a_plan(there, from_on=date(2009, 6, 1), conference_on=date(2009, 8, 31), conference_was_initial=False)
    found["transferred in"] = was_held(
        there, date(2009, 12, 10), Outcome.ADJOURNED, kind=ConferenceKind.TRANSFER_IN, initiated_on=date(2009, 12, 1)
    )
    found["after"] = was_held(there, date(2010, 2, 28), Outcome.CONTINUES, kind=REVIEW)
    moved = a_case()
    kind = ConferenceKind.TRANSFER_IN
    found["taken over"] = was_held(moved, date(2010, 3, 1), Outcome.PLAN, kind=kind)
    found["three months"] = was_held(moved, date(2010, 6, 2), Outcome.ENDS, kind=REVIEW)
    found["after the plan"] = was_held(moved, date(2010, 6, 21), Outcome.NO_PLAN, kind=REVIEW)
    for number, (discussed, last) in enumerate(INITIALS):
        for days in (0, 1):
            on = last + days * ONE_DAY
            one = was_held(a_case(), on, Outcome.NO_PLAN, initiated_on=discussed)
            found[f"initial {number}, {days}"] = one
    # Before April 2010 the last discussion counts, from then on the one that initiated it.
    first_on, last_on = date(2009, 12, 1), date(2009, 12, 13)
    both = {"initiated_on": first_on, "discussed_on": last_on}
    found["the last counts"] = was_held(a_case(), date(2010, 1, 6), Outcome.NO_PLAN, **both)
    both = {"initiated_on": date(2010, 4, 13), "discussed_on": date(2010, 4, 30)}
    found["the first counts"] = was_held(a_case(), date(2010, 5, 12), Outcome.NO_PLAN, **both)
    move_time_to(at(date(2010, 7, 1)))
    bring_up_to_date()
    return found


@pytest.fixture(scope="module")
def world(shared: Shared) -> dict[str, Conference]:
    return shared(build)


def counted() -> dict[int, tuple[str, date, bool, int]]:
    rows = Fact.objects.filter(measure="conferences_in_time")
    return {each.subject: (each.part, each.on, each.counted, each.team_id) for each in rows}


def by_hand() -> dict[int, tuple[str, date, bool, int]]:
    """As the page judges each."""
    return {
        each.conference.pk: (each.kind, each.on, not each.days_late, each.conference.team_id)
        for each in judge(Conference.objects.held())
        if each.how != UNKNOWN
    }


def test_each_conference_is_judged_as_its_own_page_judges_it(world: dict[str, Conference]) -> None:
    assert counted() == by_hand()
    found = {name: counted()[each.pk][0:3:2] for name, each in world.items() if each.pk in counted()}
    assert found == {
        "first": (FIRST_REVIEW, False),
        "later": (LATER_REVIEW, False),
        "her review": (LATER_REVIEW, True),
        "after": (LATER_REVIEW, True),
        "three months": (FIRST_REVIEW, False),
        **{f"initial {number}, {days}": (INITIAL, not days) for number in range(3) for days in (0, 1)},
        "the last counts": (INITIAL, True),
        "the first counts": (INITIAL, False),
    }
    figures_are_right()


def test_what_is_put_right_of_one_conference_counts_for_those_after_it(world: dict[str, Conference]) -> None:
    """Of another record of the child: the initial one decided nothing, the review before is moved, a plan was
    recorded by mistake."""
    later = world["later"]
    Changed.objects.all()._raw_delete(using="default")
    with undone():
        row = OutcomeFor.objects.filter(conference=world["first"], child=children_on(later.case)[0]).latest("pk")
        row.pk, row.outcome, row.category = None, Outcome.ADJOURNED, ""
        row.save()
        assert later.case_id in set(Changed.objects.values_list("case_id", flat=True))
        bring_up_to_date()
        assert counted() == by_hand()
        assert counted()[later.pk][0] == FIRST_REVIEW
        figures_are_right()
    with undone():
        Conference.objects.filter(pk=world["first"].pk).update(starts_at=at(date(2009, 6, 5)))
        bring_up_to_date()
        assert counted() == by_hand()
        assert counted()[later.pk][:3] == (LATER_REVIEW, london_date(later.starts_at), True)
        figures_are_right()
