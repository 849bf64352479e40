"""Conferences and reports, built once for a module, on its day: each test has its own.

What is built begins at `NOW`, where the module names it; its tests move the clock there themselves.
"""

from __future__ import annotations

import pytest

from cases.models import Case
from conferences.models import Conference, Plan, Report
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_plan, a_review, that_began, that_decided, that_was_held
from tests.factories.referrals import a_case
from tests.factories.reports import a_prepared_conference, a_report, a_submitted_report, an_endorsed_report
from tests.shared import Shared, own


@pytest.fixture(scope="module")
def on_its_day(request: pytest.FixtureRequest, shared: Shared) -> Shared:
    now = getattr(request.module, "NOW", None)
    if now is not None:
        move_time_to(now)
    return shared


@pytest.fixture(scope="module")
def built_case(on_its_day: Shared) -> Case:
    return on_its_day(a_case)


@pytest.fixture
def case(built_case: Case) -> Case:
    """Just received, with one child."""
    return own(built_case)


@pytest.fixture(scope="module")
def built_conference(on_its_day: Shared) -> Conference:
    return on_its_day(a_conference)


@pytest.fixture
def conference(built_conference: Conference) -> Conference:
    """An initial conference in three weeks."""
    return own(built_conference)


@pytest.fixture(scope="module")
def built_review(on_its_day: Shared) -> Conference:
    return on_its_day(a_review)


@pytest.fixture
def review(built_review: Conference) -> Conference:
    """A review conference in eight weeks."""
    return own(built_review)


@pytest.fixture(scope="module")
def built_began(on_its_day: Shared) -> Conference:
    return on_its_day(that_began)


@pytest.fixture
def began(built_began: Conference) -> Conference:
    """It began yesterday; nobody has recorded yet who attended."""
    return own(built_began)


@pytest.fixture(scope="module")
def built_was_held(on_its_day: Shared) -> Conference:
    return on_its_day(that_was_held)


@pytest.fixture
def was_held(built_was_held: Conference) -> Conference:
    """Somebody attended yesterday; what was decided is not recorded yet."""
    return own(built_was_held)


@pytest.fixture(scope="module")
def built_has_decided(on_its_day: Shared) -> Conference:
    return on_its_day(that_decided)


@pytest.fixture
def has_decided(built_has_decided: Conference) -> Conference:
    """It put the one child of its record on a plan, yesterday."""
    return own(built_has_decided)


@pytest.fixture(scope="module")
def built_plan(on_its_day: Shared) -> Plan:
    return on_its_day(a_plan)


@pytest.fixture
def plan(built_plan: Plan) -> Plan:
    """Of before: it began a month ago."""
    return own(built_plan)


@pytest.fixture(scope="module")
def built_prepared(on_its_day: Shared) -> Conference:
    return on_its_day(a_prepared_conference)


@pytest.fixture
def prepared(built_prepared: Conference) -> Conference:
    """An initial conference whose CRAM is done."""
    return own(built_prepared)


@pytest.fixture(scope="module")
def built_empty_report(on_its_day: Shared) -> Report:
    return on_its_day(lambda: a_report(a_conference()))


@pytest.fixture
def empty_report(built_empty_report: Report) -> Report:
    """Begun just now to a conference whose CRAM is not done, with nothing in it."""
    return own(built_empty_report)


@pytest.fixture(scope="module")
def built_submitted_report(on_its_day: Shared) -> Report:
    return on_its_day(a_submitted_report)


@pytest.fixture
def submitted_report(built_submitted_report: Report) -> Report:
    """It waits for endorsement."""
    return own(built_submitted_report)


@pytest.fixture(scope="module")
def built_endorsed_report(on_its_day: Shared) -> Report:
    return on_its_day(an_endorsed_report)


@pytest.fixture
def endorsed_report(built_endorsed_report: Report) -> Report:
    """It may be sent."""
    return own(built_endorsed_report)
