"""Records and their assessments, built once for a module: each test has its own."""

from __future__ import annotations

import pytest

from cases.models import Case
from cram.models import Assessment
from tests.factories.assessing import an_assessed_case, an_assessment, submitted
from tests.factories.referrals import a_case
from tests.integration.cram.family import a_family
from tests.shared import Shared, own


@pytest.fixture(scope="module")
def built_case(shared: Shared) -> Case:
    return shared(a_case)


@pytest.fixture
def case(built_case: Case) -> Case:
    """Just received: no assessment is begun."""
    return own(built_case)


@pytest.fixture(scope="module")
def built_family(shared: Shared) -> Case:
    return shared(a_family)


@pytest.fixture
def family(built_family: Case) -> Case:
    """Two children, Ellis and Tia, and no assessment."""
    return own(built_family)


@pytest.fixture(scope="module")
def built_begun(shared: Shared) -> Assessment:
    return shared(lambda: an_assessment(a_case()))


@pytest.fixture
def begun(built_begun: Assessment) -> Assessment:
    """A first CRAM that is being written."""
    return own(built_begun)


@pytest.fixture(scope="module")
def built_sent(shared: Shared) -> Assessment:
    return shared(lambda: submitted(a_case()))


@pytest.fixture
def sent(built_sent: Assessment) -> Assessment:
    """A first CRAM that waits for endorsement."""
    return own(built_sent)


@pytest.fixture(scope="module")
def built_assessed(shared: Shared) -> Case:
    return shared(an_assessed_case)


@pytest.fixture
def assessed_case(built_assessed: Case) -> Case:
    """Its first CRAM is endorsed."""
    return own(built_assessed)
