"""Records from the day they come in to the day they are closed, built once for a module: each test has its own."""

from __future__ import annotations

import pytest

from cases.models import Case, Closure
from referrals.enums import DecisionKind, Method
from tests.factories.assessing import assessed
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_ready_case,
    a_triaged_case,
    an_open_update,
    asked_to_close,
)
from tests.factories.referrals import a_case
from tests.shared import Shared, own


@pytest.fixture(scope="module")
def built_received(shared: Shared) -> Case:
    return shared(a_case)


@pytest.fixture
def case(built_received: Case) -> Case:
    """Just received, and nothing else."""
    return own(built_received)


@pytest.fixture(scope="module")
def built_triaged(shared: Shared) -> Case:
    return shared(a_triaged_case)


@pytest.fixture
def triaged(built_triaged: Case) -> Case:
    """Neither decided nor assessed yet."""
    return own(built_triaged)


@pytest.fixture(scope="module")
def built_decided(shared: Shared) -> Case:
    return shared(a_decided_case)


@pytest.fixture
def decided(built_decided: Case) -> Case:
    """Information only, and not assessed yet."""
    return own(built_decided)


@pytest.fixture(scope="module")
def built_ready(shared: Shared) -> Case:
    return shared(a_ready_case)


@pytest.fixture
def ready(built_ready: Case) -> Case:
    """Nothing stands in the way of closure."""
    return own(built_ready)


@pytest.fixture(scope="module")
def built_telephoned(shared: Shared) -> Case:
    return shared(a_ready_case, method=Method.TELEPHONE)


@pytest.fixture
def telephoned(built_telephoned: Case) -> Case:
    """Ready, and its written confirmation still to come."""
    return own(built_telephoned)


@pytest.fixture(scope="module")
def built_investigation(shared: Shared) -> Case:
    return shared(a_ready_case, DecisionKind.POLICE)


@pytest.fixture
def investigation(built_investigation: Case) -> Case:
    """Assessed, and given to no officer yet."""
    return own(built_investigation)


@pytest.fixture(scope="module")
def built_awaited(shared: Shared) -> Case:
    return shared(lambda: assessed(an_open_update().case).case)


@pytest.fixture
def awaited(built_awaited: Case) -> Case:
    """Assessed; Social Services have not answered yet."""
    return own(built_awaited)


@pytest.fixture(scope="module")
def built(
    built_received: Case,
    built_triaged: Case,
    built_decided: Case,
    built_ready: Case,
    built_investigation: Case,
    built_awaited: Case,
) -> dict[str, Case]:
    """By their names above, where tests differ in the record that they begin from."""
    return {
        "received": built_received,
        "triaged": built_triaged,
        "decided": built_decided,
        "ready": built_ready,
        "investigation": built_investigation,
        "awaited": built_awaited,
    }


@pytest.fixture(scope="module")
def built_closure(shared: Shared) -> Closure:
    return shared(asked_to_close)


@pytest.fixture
def closure(built_closure: Closure) -> Closure:
    """A request that nobody has answered yet, of a record that nothing keeps open."""
    return own(built_closure)


@pytest.fixture(scope="module")
def built_closed(shared: Shared) -> Case:
    return shared(a_closed_case)


@pytest.fixture
def closed(built_closed: Case) -> Case:
    """Asked to be closed by one and closed by another."""
    return own(built_closed)
