"""The register of plans as at any day: recounted by hand from random plans, and as its page tells it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import AccessLog
from cases.enums import TransferState
from cases.models import Case, Transfer
from conferences.actions import end_plan
from conferences.enums import ConferenceKind, Outcome, PlanCategory, PlanEnd
from conferences.models import CategoryFrom, Plan
from conferences.register import (
    LENGTHS,
    MONTHS,
    divided,
    groups_of,
    listed,
    months_of,
    plans_moved,
    plans_on,
    team_of_move,
    team_then,
)
from deadlines.ages import months_old, years_old
from deadlines.clock import LONDON
from people.births import Birth
from people.models import Person
from team.enums import Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_plan, children_on, decided, held, on_a_plan
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_receiver, transferred
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db

HERE = "/conferences/register/"
# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
TODAY = NOW.date()
DAY = timedelta(days=1)
FIRST = date(2006, 1, 1)


# --- recounted by hand ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """A plan as it is made up: so many days after the one before ended, for so long or on and on, its categories
    each so many days after it began, and whether it was recorded by mistake."""

    after: int
    lasts: int | None
    categories: list[tuple[int, PlanCategory]]
    withdrawn: bool


plans_said = st.builds(
    Said,
    after=st.integers(0, 500),
    lasts=st.none() | st.integers(0, 900),
    categories=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(PlanCategory)), max_size=2),
    withdrawn=st.sampled_from([False, False, False, True]),
)
births = st.one_of(
    st.dates(date(1990, 1, 1), TODAY).map(Birth.on),
    st.dates(date(1990, 1, 1), TODAY).map(lambda born: Birth.between(born - 90 * DAY, born + 90 * DAY)),
    st.just(Birth.due(date(2010, 6, 1))),
    st.just(Birth()),
)
children_said = st.tuples(births, st.booleans(), st.lists(plans_said, min_size=1, max_size=3))


def handed_over(case: Case, days: list[date], teams: list[Team], by: tuple[User, User]) -> None:
    """A record went to and fro between two teams, each time at midday."""
    for number, on in enumerate(days):
        there, to = teams[number % 2], teams[1 - number % 2]
        at = datetime(on.year, on.month, on.day, 12, tzinfo=LONDON)
        said = {"from_team": there, "to_team": to, "state": TransferState.ACCEPTED, "reason": "They moved"}
        asked, answered = by
        Transfer.objects.create(case=case, **said, asked_by=asked, answered_at=at, answered_by=answered)
    Case.objects.filter(pk=case.pk).update(team=teams[len(days) % 2])
    case.refresh_from_db()


def had_by_hand(case: Case, on: date) -> int:
    """The team (id) that had a record at the end of a day."""
    before = [each for each in case.transfers.order_by("pk") if each.answered_at and each.answered_at.date() <= on]
    first = case.transfers.order_by("pk").first()
    return before[-1].to_team_id if before else first.from_team_id if first else case.team_id


def made(child: tuple[Birth, bool, list[Said]], cases: list[Case], by: User) -> list[Plan]:
    """The rows of one child: written at once, since actions would take seconds."""
    birth, elsewhere, said = child
    person = Person(given_names="Rhys", family_name="Penrose", name_key="rhys penrose")
    person.birth = birth
    Person.objects.bulk_create([person])
    case, begins, found = cases[elsewhere], FIRST, []
    for each in said:
        begins += each.after * DAY
        ends = None if each.lasts is None else begins + each.lasts * DAY
        plan = Plan(child=person, case=case, from_on=begins, to_on=ends, conference_on=begins, recorded_by=by)
        plan.team_id, plan.end = had_by_hand(case, ends or TODAY), "" if ends is None else PlanEnd.MOVED
        plan.recorded_at = datetime(begins.year, begins.month, begins.day, 23, tzinfo=LONDON)
        if each.withdrawn:
            plan.withdrawn_at, plan.withdrawn_why = NOW, "By mistake"
        Plan.objects.bulk_create([plan])
        kept = [(0, PlanCategory.NEGLECT), *each.categories]
        CategoryFrom.objects.bulk_create(
            CategoryFrom(plan=plan, category=category, from_on=begins + days * DAY, recorded_by=by)
            for days, category in kept
        )
        found.append(plan)
        if ends is None and not each.withdrawn:
            break
        begins = begins if each.withdrawn else ends or begins
    return found


def is_there(plan: Plan, on: date) -> bool:
    return plan.withdrawn_at is None and plan.from_on <= on and (plan.to_on is None or on < plan.to_on)


def recounted(plans: list[Plan], on: date, team: int | None = None) -> Counter[str]:
    """How many children are in each group, one by one; of a team alone (id) that had their record then."""
    found: Counter[str] = Counter()
    for plan in plans:
        if not is_there(plan, on) or team not in (None, had_by_hand(plan.case, on)):
            continue
        rows = sorted(plan.categories.all(), key=lambda row: (row.from_on, row.pk))
        found[f"category-{[row.category for row in rows if row.from_on <= on][-1]}"] += 1
        months = months_old(plan.from_on, on)
        found[f"months-{max(length for length in (0, *LENGTHS) if length <= months)}"] += 1
        earlier = [
            other
            for other in plans
            if other.child_id == plan.child_id and other.withdrawn_at is None and other.from_on < plan.from_on
        ]
        found["again" if earlier else "first"] += 1
        birth = plan.child.birth
        if birth.expected or (birth.earliest and birth.earliest > on):
            found["unborn"] += 1
        elif birth.latest is None:
            found["age-unknown"] += 1
        else:
            years = years_old(birth.latest, on)
            found[f"age-{max(age for age in (0, 1, 5, 10, 16) if age <= max(years, 0))}"] += 1
    return found


went_over = st.lists(st.dates(FIRST, TODAY), max_size=2, unique=True).map(sorted)


def test_the_register_of_any_day_is_what_a_recount_by_hand_gives() -> None:
    move_time_to(NOW)
    teams = [a_team(), a_team("ENF")]
    cases = [a_case(teams[0]), a_case(teams[1])]
    by = User.objects.system(), an_officer(Role.SUPERVISOR)
    ours, everybody = an_officer(Role.INSPECTOR), an_officer(Role.COMMAND)

    @settings(max_examples=15, deadline=None, database=None)
    @given(
        st.lists(children_said, min_size=1, max_size=5),
        st.dates(date(2005, 12, 1), TODAY),
        st.tuples(went_over, went_over),
    )
    def holds(said: list[tuple[Birth, bool, list[Said]]], on: date, went: tuple[list[date], list[date]]) -> None:
        with transaction.atomic():
            handed_over(cases[0], went[0], teams, by)
            handed_over(cases[1], went[1], teams[::-1], by)
            every = [plan for child in said for plan in made(child, cases, by[0])]
            for user, team, whose in (
                (everybody, None, None),
                (everybody, teams[1], teams[1].pk),
                (ours, None, teams[0].pk),
            ):
                # Whether a child had a plan before is so whoever may see that one.
                by_hand = recounted(every, on, whose)
                rows = plans_on(user, on, team=team)
                found = {each.group.code: each.number for way in divided(rows, on) for each in way.groups}
                assert found == {code: by_hand[code] for code in groups_of(on)}
                assert {code: rows.filter(group.fits).count() for code, group in groups_of(on).items()} == found
                there = _there(every, on, whose)
                assert rows.count() == len(there)
                # A name only where the record may be opened today.
                assert {(row.pk, row.may_open, row.whose) for row in listed(rows, user, team_then(on))} == {  # type: ignore[attr-defined]
                    (plan.pk, user == everybody or plan.case.team == teams[0], _named(plan.case, on, teams))
                    for plan in there
                }
                months = months_of(user, on, team=team)
                assert (len(months), months[-1].last, months[-1].number) == (MONTHS, on, len(there))
                counts = [plan for plan in every if plan.withdrawn_at is None]
                for month in months:
                    began = {
                        plan.pk
                        for plan in counts
                        if month.first <= plan.from_on <= month.last
                        and whose in (None, had_by_hand(plan.case, plan.from_on))
                    }
                    ended = {
                        plan.pk
                        for plan in counts
                        if plan.to_on and month.first <= plan.to_on <= month.last and whose in (None, plan.team_id)
                    }
                    assert month.number == len(_there(every, month.last, whose))
                    assert (month.on, month.off) == (len(began), len(ended))
                for way, number in (("on", months[-2].on), ("off", months[-2].off)):
                    rows = plans_moved(user, way, months[-2].first, months[-2].last, team=team)
                    assert len(listed(rows, user, team_of_move(way))) == number
            transaction.set_rollback(True)

    holds()


def _there(plans: list[Plan], on: date, team: int | None) -> list[Plan]:
    return [plan for plan in plans if is_there(plan, on) and team in (None, had_by_hand(plan.case, on))]


def _named(case: Case, on: date, teams: list[Team]) -> str:
    return next(team.name for team in teams if team.pk == had_by_hand(case, on))


# --- as its page tells it ------------------------------------------------------------------------


def page(client: Client, url: str = HERE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    html = unescape(answer.content.decode())
    return html[html.index("<main") : html.index("</main")]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def names(html: str) -> list[str]:
    """The children of the list, in its order."""
    return re.findall(r'rowheader" class="cait-breaks"><a [^>]*>([^<]*)</a>', html)


def figures(html: str) -> list[tuple[int, str]]:
    """Each figure that leads to a list of the register, and where."""
    found = re.findall(r'href="([^"]*#children)">(\d+)<', html)
    return [(int(number), url.partition("#")[0]) for url, number in found]


@pytest.fixture
def on_plans(client: Client) -> dict[str, Case]:
    """Signed in as an inspector: two children on a plan since 31 January, one of before who has moved away."""
    move_time_to(datetime(2010, 1, 4, 10, 0, tzinfo=LONDON))
    client.force_login(an_officer(Role.INSPECTOR, from_on=date(2010, 1, 1)))
    family = a_case(children=[a_child("Rhys", "Penrose"), a_child("Tia", "Penrose")])
    on_a_plan(family, starts_at=datetime(2010, 1, 29, 10, 0, tzinfo=LONDON))
    moved = a_case(children=[a_child("Ada", "Vane")])
    plan = a_plan(moved, from_on=date(2009, 3, 2), category=PlanCategory.SEXUAL)
    end_plan(plan, to_on=date(2010, 1, 29), end=PlanEnd.MOVED, note="Told by telephone", by=User.objects.system())
    theirs = a_case(a_team("ENF"), children=[a_child("Joan", "Oakgate")])
    a_plan(theirs, from_on=date(2009, 6, 1))
    move_time_to(NOW)
    return {"family": family, "moved": moved, "theirs": theirs}


def test_the_page_as_at_a_day_and_each_figure_with_its_list(client: Client, on_plans: dict[str, Case]) -> None:
    html = page(client)
    assert "2 children were on a child protection plan on 10 March 2010." in words(html)
    assert [name.partition(",")[0] for name in names(html)] == ["Rhys Penrose", "Tia Penrose"]
    assert f'href="/cases/{on_plans["family"].number}/conferences/"' in html
    # Two groups of four tables hold everybody, and so do the rows of two months; each leads to as many.
    assert len(figures(html)) >= 4 + MONTHS
    for number, url in figures(html):
        assert len(names(page(client, url))) == number, url
    moves = re.findall(r'href="([^"]*/moves/[^"]*)">(\d+)<', html)
    assert sorted(int(number) for _, number in moves)[-2:] == [1, 2]
    for url, number in moves:
        assert len(names(page(client, url))) == int(number), url
    # On the day on which a plan ended the child is not on it any more, on the day before it is.
    assert "3 children were" not in words(page(client, f"{HERE}?on=2010-01-29"))
    before = page(client, f"{HERE}?on=28/1/2010")
    assert "1 child was on a child protection plan on 28 January 2010." in words(before)
    assert "Sexual abuse" in words(before)
    assert "29 January 2010 another area has taken it over" in words(before)


def test_a_repeat_plan_and_a_category_that_was_changed(client: Client) -> None:
    move_time_to(NOW)
    client.force_login(an_officer(Role.SUPERVISOR))
    case = a_case()
    old = a_plan(case, from_on=date(2008, 1, 1), conference_on=date(2008, 6, 2))
    end_plan(old, to_on=date(2009, 2, 1), end=PlanEnd.MOVED, note="Told", by=User.objects.system())
    a_plan(case, from_on=date(2009, 12, 1), category=PlanCategory.PHYSICAL)
    review = a_conference(case, kind=ConferenceKind.REVIEW, starts_at=NOW + 2 * DAY)
    decided(held(review), Outcome.CONTINUES, PlanCategory.EMOTIONAL)
    html = words(page(client))
    assert "Emotional abuse 1" in html
    assert "On a plan before, too 1" in html
    assert "3 to 6 months 1" in html
    assert "Physical abuse 1" in words(page(client, f"{HERE}?on=11/3/2010"))
    assert "The first plan of the child 1" in words(page(client, f"{HERE}?on=1/1/2009"))
    assert children_on(case)[0].full_name in page(client, f"{HERE}?group=again")


def test_days_of_which_nothing_can_be_told_say_so(client: Client, on_plans: dict[str, Case]) -> None:
    early = words(page(client, f"{HERE}?on=1/3/2009"))
    assert "0 children were on a child protection plan on 1 March 2009." in early
    assert "CAIT knows of no plan of before 2 March 2009, when the first one began." in early
    late = words(page(client, f"{HERE}?on=11/3/2010"))
    assert "11 March 2010 is still to come: nobody knows who will be on a plan then." in late
    assert "on a child protection plan on" not in late
    assert "Nothing is shown until what is marked above is put right" in words(page(client, f"{HERE}?on=soon"))


def test_each_sees_the_plans_of_the_records_they_may_open(client: Client, on_plans: dict[str, Case]) -> None:
    assert "Oakgate" not in page(client, f"{HERE}?on=1/1/2010")
    client.force_login(an_officer(Role.COMMAND))
    everybody = page(client, f"{HERE}?on=1/1/2010")
    assert [name.partition(",")[0] for name in names(everybody)] == ["Ada Vane", "Joan Oakgate"]
    assert 'data-label="Team">Team ENF' in everybody
    narrowed = page(client, f"{HERE}?on=1/1/2010&team=ENF")
    assert [name.partition(",")[0] for name in names(narrowed)] == ["Joan Oakgate"]
    assert all("team=ENF" in url for _, url in figures(narrowed))


def test_a_transfer_moves_nothing_on_the_register_of_a_day_before_it(
    client: Client, on_plans: dict[str, Case]
) -> None:
    before = {url: page(client, url) for url in (f"{HERE}?on=9/3/2010", f"{HERE}?on=28/1/2010")}
    transferred(on_plans["family"])
    transferred(on_plans["moved"])
    receiver = a_receiver()
    for url, told in before.items():
        html = page(client, url)
        # Each figure is as it was, and so is the length of its list; without a name.
        assert figures(html) == figures(told)
        assert html.count("A child whose record is with Team ENF now") == len(names(told)) > 0
        assert names(html) == []
        for case in on_plans.values():
            assert case.number not in html
    look = AccessLog.objects.filter(object_type="conferences.plan").latest("pk")
    assert look.detail["records"] == []
    assert "0 children were on a child protection plan on 10 March 2010." in words(page(client))
    moves = page(client, f"{HERE}moves/?way=on&from_on=2010-01-01&to_on=2010-01-31")
    assert moves.count("A child whose record is with Team ENF now") == 2
    # The new team counts them from that day on.
    client.force_login(receiver)
    assert len(names(page(client))) == 3
    assert len(names(page(client, f"{HERE}?on=9/3/2010"))) == 1
    # As a program: what may be opened, and of these what the team had then.
    program = Program(receiver)
    assert len(program.get("plans", on="2010-03-10").json()["results"]) == 3
    command = Program(an_officer(Role.COMMAND))
    assert len(command.get("plans", on="2010-03-09", team="HGY").json()["results"]) == 2
    assert len(command.get("plans", on="2010-03-10", team="HGY").json()["results"]) == 0
    client.force_login(an_officer(Role.COMMAND))
    assert 'data-label="Team">Team HGY' in page(client, f"{HERE}?on=9/3/2010")


def test_a_look_is_logged_and_asks_no_more_of_the_database_for_more_plans(client: Client) -> None:
    move_time_to(NOW)
    client.force_login(an_officer(Role.PCLO))
    case = a_case(children=[a_child(), a_child(), a_child()])
    first, *others = children_on(case)

    def asked() -> int:
        page(client)
        with CaptureQueriesContext(connection) as captured:
            page(client)
        return len(captured)

    assert "No child protection plan is recorded." in words(page(client))
    a_plan(case, child=first)
    few = asked()
    for child in others:
        a_plan(case, child=child)
    assert asked() == few
    look = AccessLog.objects.filter(object_type="conferences.plan").latest("pk")
    assert look.detail == {"page": "conferences:register", "filters": [], "records": [case.pk]}
