"""The plan of the borough has the numbers that the inspectors found, and reads like two years' work."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from deadlines.ages import years_old
from deadlines.clock import LONDON, london_date
from referrals.enums import DecisionKind, Source
from workbench.borough_lives import LATELY
from workbench.borough_plan import (
    DAYS,
    LAST_MONTHS,
    ON_PLANS,
    ON_PLANS_BY_HAND,
    REFERRALS,
    REVIEWED,
    Family,
    Record,
    families_of,
    numbers_of,
)
from workbench.demonstration import SICK, UNTIL
from workbench.demonstration_conferences import On
from workbench.demonstration_crams import Step
from workbench.demonstration_referrals import Then
from workbench.loading import EVERY

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=LONDON)


@pytest.fixture(scope="module")
def families() -> tuple[Family, ...]:
    return families_of(NOW)


@pytest.fixture(scope="module")
def records(families: tuple[Family, ...]) -> list[Record]:
    """Every record of Haringey, the oldest first."""
    found = [record for family in families if family.team == "HGY" for record in family.records]
    return sorted(found, key=lambda record: record.received)


def done(record: Record, *what: str) -> int:
    return sum(each.what.does in what for each in record.does)


def given(records: list[Record], does: str, name: str) -> list[str]:
    """What was said under one name each time something was done."""
    steps = [each.what for record in records for each in record.does if not isinstance(each.what, Then)]
    return [step.given[name] for step in steps if step.does == does]


def test_there_are_as_many_referrals_in_two_years_as_the_team_had(families: tuple[Family, ...]) -> None:
    planned = Counter(record.told.team for family in families for record in family.records)
    by_hand = Counter(told.team for told in EVERY)
    assert {team: planned[team] + by_hand[team] for team in REFERRALS} == {"HGY": 2100, "ENF": 300}
    moments = [record.received for family in families for record in family.records]
    assert timedelta(hours=24 * (DAYS - 3)) < NOW - min(moments) < timedelta(hours=24 * (DAYS + 3))
    assert max(moments) < NOW


def test_261_children_are_on_plans_and_40_of_them_were_reviewed(families: tuple[Family, ...]) -> None:
    assert sum(family.on_plan for family in families) + ON_PLANS_BY_HAND == ON_PLANS == 261
    reviewed = [family for family in families if family.on_plan and done(family.records[0], "book")]
    assert sum(family.on_plan for family in reviewed) == REVIEWED == 40
    assert all(done(family.records[0], "cram") > 2 for family in reviewed)
    handed_over = [family for family in families if family.on_plan and family not in reviewed]
    # Each was assessed once within the last six weeks: the first review of all of them is to come.
    assert all(NOW - family.last < timedelta(hours=24 * 42) for family in handed_over)
    assert all(done(family.records[0], "cram") <= 1 for family in handed_over)


# A Friday, a Sunday, and a day after bank holidays and a weekend.
@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 27, 18, tzinfo=LONDON),
        datetime(2026, 11, 29, 9, tzinfo=LONDON),
        datetime(2026, 12, 29, 7, tzinfo=LONDON),
    ],
)
def test_on_whichever_day_it_is_begun_every_plan_is_recorded(now: datetime) -> None:
    for family in families_of(now):
        if family.on_plan and not done(family.records[0], "book"):
            recorded = [each for each in family.records[0].does if each.what.does == "plan" and each.at < now]
            assert len(recorded) == family.on_plan, family.number


def test_police_were_at_every_initial_conference_and_at_about_half_of_the_reviews(records: list[Record]) -> None:
    said = Counter(given(records, "decide attendance", "attending"))
    assert 0.3 < said["report_only"] / said.total() < 0.7
    missed = sum(done(record, "missed") for record in records)
    assert missed <= said["report_only"]
    assert sum(done(record, "attended") for record in records) > 40


def test_they_come_from_everybody_and_become_what_they_became_in_the_borough(records: list[Record]) -> None:
    plain = [record for record in records if not any(isinstance(each.what, On) for each in record.does)]
    became = Counter(record.decision for record in plain)
    assert set(became) == set(DecisionKind)
    assert 0.35 < became[DecisionKind.SOCIAL_SERVICES] / len(plain) < 0.6
    assert {record.told.source for record in records} == set(Source)
    weekend = sum(london_date(record.received).weekday() >= 5 for record in records)
    assert 0.02 < weekend / len(records) < 0.2


def test_siblings_are_together_and_some_families_are_told_about_again(families: tuple[Family, ...]) -> None:
    again = [family for family in families if len(family.records) > 1]
    assert 0.06 < len(again) / len(families) < 0.2
    assert sum(len(family.records[0].told.children) > 1 for family in families) > len(families) / 3
    for family in again:
        assert len({record.told.children for record in family.records}) == 1
        assert all(a.received < b.received for a, b in pairwise(family.records))
    for record in (record for family in families for record in family.records):
        on = london_date(record.received)
        ages = [years_old(child.born, on) for child in record.told.children if child.born]
        assert len(ages) == len(record.told.children)
        assert all(0 <= age < 18 for age in ages)
        people = [each.given for each in (*record.told.children, *record.told.adults)]
        assert len(set(people)) == len(people)


def test_neighbours_in_the_log_read_differently(records: list[Record]) -> None:
    told = [record.told.circumstances for record in records]
    assert all(len(set(told[at : at + 10])) == 10 for at in range(len(told) - 10))
    assert "{" not in "".join(told)
    rationales = given(records, "cram", "rationale")
    assert len(set(rationales)) > len(rationales) / 12


def test_everything_is_done_in_its_order_by_somebody_who_was_there(records: list[Record]) -> None:
    today = london_date(NOW)
    for record in records:
        assert record.received <= record.logged
        assert all(a.at <= b.at for a, b in pairwise(record.does))
        assert all(each.at > record.logged or isinstance(each.what, On) for each in record.does)
        for each in record.does:
            ago = (today - london_date(each.at)).days
            for who, (days, _) in UNTIL.items():
                assert each.what.by != who or ago >= days, f"{who} had left by then"
            assert each.what.by != "lorna.petrie" or ago > SICK
        # Nobody endorses their own work.
        crams = [each.what.by for each in record.does if isinstance(each.what, Step) and each.what.does == "cram"]
        endorsed = [
            each.what.by for each in record.does if isinstance(each.what, Step) and each.what.does == "endorse"
        ]
        assert all(a != b for a, b in zip(crams, endorsed, strict=False))


def test_most_records_are_closed_and_what_is_open_was_told_lately_or_is_on_a_plan(records: list[Record]) -> None:
    still = [record for record in records if not done(record, "close")]
    assert 100 < len(still) < 320
    old = [
        r for r in still if NOW - r.received > timedelta(hours=24 * (120 + LATELY)) and not done(r, "book", "plan")
    ]
    assert old == []


def test_some_records_are_restricted_to_whoever_does_something_on_them(families: tuple[Family, ...]) -> None:
    restricted = {
        family.number: (record, does.what)
        for family in families
        for record in family.records
        for does in record.does
        if isinstance(does.what, Then) and does.what.does == "restrict"
    }
    assert 15 < len(restricted) < 50
    for record, then in restricted.values():
        assert {each.what.by for each in record.does} <= {then.by, *then.words[1:]}
        assert record.does[0].what is then


def test_the_lately_told_come_first(families: tuple[Family, ...]) -> None:
    assert all(a.last >= b.last for a, b in pairwise(families))
    lately = [family for family in families if NOW - family.last < timedelta(hours=24 * LAST_MONTHS)]
    assert families[: len(lately)] == tuple(lately)
    assert [family.number for family in families] == list(range(1, len(families) + 1))


def test_the_numbers_follow_each_other_as_the_referrals_were_logged(families: tuple[Family, ...]) -> None:
    by_hand = [("HGY", datetime(2026, 11, 20, 12, 0, tzinfo=UTC)), ("ENF", datetime(2026, 11, 24, 12, 0, tzinfo=UTC))]
    numbers = numbers_of(families, by_hand)
    logged = [(f.team, r.logged, numbers[f.number, place]) for f in families for place, r in enumerate(f.records)]
    logged += [(team, at, numbers[place]) for place, (team, at) in enumerate(by_hand)]
    for team in REFERRALS:
        in_order = [number for code, _, number in sorted(logged, key=lambda each: each[1]) if code == team]
        for year in {year for year, _ in in_order}:
            serials = [serial for each, serial in in_order if each == year]
            assert serials == list(range(1, len(serials) + 1))


def test_the_same_moment_gives_the_same_plan(families: tuple[Family, ...]) -> None:
    assert families_of(NOW) == families
