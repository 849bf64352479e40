"""What holds for every page: each of the list of doors. The states they can be in: `test_every_state.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from deadlines import clock
from deadlines.calendar import ONE_DAY
from diary.models import Heartbeat, Waker
from people.models import Person
from team.actions import give_role
from team.enums import Posting, Role
from team.models import User
from tests.factories.team import a_team, a_user, an_officer
from tests.functional.browse import LONG_EMAIL, LONG_NAME, LONG_WORD, axe, check_page, session_of, watched
from tests.rules.doors import DOORS, Door

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages")]

# What a person sees; the rest is for programs, or a file. First those that are about nothing in particular: they are
# seen before there is anything.
PAGES = sorted(
    (name for name, door in DOORS.items() if not (door.program or door.file or name == "health")),
    key=lambda name: DOORS[name].needs is not None,
)


class World:
    """What the pages are about: made when the first page asks for it, and there for all that come after."""

    def __init__(self) -> None:
        self.made: dict[Callable[[], dict[str, Any]], dict[str, Any]] = {}
        self.sessions: dict[Role, str] = {}
        Heartbeat.objects.create(waker=Waker.BEAT)
        a_busy_team()

    def address(self, name: str) -> str:
        """Of a page, with what it is about; and whoever there is has a long name."""
        needs = DOORS[name].needs
        if needs and needs not in self.made:
            self.made[needs] = needs()
        User.objects.people().update(given_names=LONG_NAME, family_name=LONG_WORD, email=LONG_EMAIL)
        Person.objects.update(given_names=LONG_NAME, family_name=LONG_WORD)
        return reverse(name, kwargs=self.made[needs] if needs else {})

    def somebody_for(self, door: Door) -> str | None:
        """The session of the first role for which the page opens."""
        if door.public:
            return None
        role = next(role for role in Role if role in door.opens_for)
        if role not in self.sessions:
            self.sessions[role] = session_of(an_officer(role))
        return self.sessions[role]


def a_busy_team() -> None:
    """A team with a row of each kind, whose people are called as nobody who draws pages expects."""
    team = a_team()
    a_user()
    for role in (Role.SUPERVISOR, Role.PCLO):
        an_officer(role, team)
    on = clock.today()
    give_role(
        an_officer(Role.INVESTIGATOR, a_team("ENF")),
        team=team,
        role=Role.INVESTIGATOR,
        posting=Posting.LOAN,
        from_on=on,
        to_on=on + 7 * ONE_DAY,
        reason="Covers while two officers of the team give evidence",
        by=User.objects.system(),
    )


@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Emptied when the last page was seen, and not after each: opening a page changes nothing (`test_doors.py`)."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


@pytest.fixture(scope="module")
def world(transactional_db: None) -> World:
    return World()


@pytest.fixture(scope="module")
def window(transactional_db: None, kept_context: BrowserContext) -> Iterator[Page]:
    """In which one page after the other is opened."""
    page = kept_context.new_page()
    page.add_init_script(axe())
    yield page
    kept_context.clear_cookies()
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_in_order(name: str, world: World, window: Page, live_server: LiveServer) -> None:
    door, context = DOORS[name], window.context
    session = world.somebody_for(door)
    url = world.address(name)
    context.clear_cookies()
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    window.set_viewport_size({"width": 1280, "height": 900})
    with watched(context) as complaints:
        answer = window.goto(url)
        assert answer
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.status == (door.status if door.status in (404, 405) else 200)
        check_page(window, complaints)
