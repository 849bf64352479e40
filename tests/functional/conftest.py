"""The browser: Debian's Chromium, on the server that runs inside the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext
from pytest_django.live_server_helper import LiveServer

from tests.functional.browse import CouldNotBe, watched

# Playwright's plain interface keeps an event loop on the thread of the tests, and Django then takes the thread for
# an asynchronous one and refuses its database. Nothing here is asynchronous. Set for the whole process, because
# the loop stays until its last test, and tests without a browser may run in between.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

EMPTY = '<!doctype html><link rel="icon" href="data:,">'  # without an icon the browser would ask for one
# The one without windows first: the same engine, which draws the same pages in a quarter less time.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        raise CouldNotBe("The browser tests need Chromium: `make test` installs it or says how.")
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    quiet += ["--disable-sync", "--no-first-run"]
    # A page of the same site is drawn by the process that drew the one before: to begin one takes a second.
    quiet += ["--process-per-site"]
    # Chromium refuses to run as root, which is what one is in a container, unless told that this is meant.
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": path, "args": [*quiet, *root]}


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """Where the paths in the tests begin."""
    return str(live_server.url)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "en-GB",
        "timezone_id": "Europe/London",
        "viewport": {"width": 1280, "height": 900},
    }


@pytest.fixture(autouse=True)
def database(transactional_db: None) -> None:
    """The server reads on a connection of its own, so it sees only what is committed.

    Asked for first, and so emptied last: when no page is open any more.
    """


@pytest.fixture(scope="session")
def kept_context(browser: Browser, browser_context_args: dict[str, Any], base_url: str) -> Iterator[BrowserContext]:
    """What the browser has loaded and compiled once it keeps for all tests: most of what a page takes is this.

    Its first page stays open, and is empty: with the last page of a site the process that draws them would end.
    """
    context = browser.new_context(**browser_context_args)
    context.set_default_timeout(10_000)  # no longer than a person would wait
    page, address = context.new_page(), f"{base_url}/kept-open"
    page.route(address, lambda route: route.fulfill(content_type="text/html", body=EMPTY))  # the server is not asked
    page.goto(address)
    yield context
    context.close()


@pytest.fixture
def context(database: None, kept_context: BrowserContext) -> Iterator[BrowserContext]:
    """As a new one: nobody is signed in, and nothing of the test before is open or stored.

    Signed out before the pages are closed: what a page may still send then, when nobody waits for it, is refused.
    """
    yield kept_context
    kept_context.clear_cookies()
    first, *others = kept_context.pages
    for page in others:
        page.close()
    first.evaluate("localStorage.clear()")


@pytest.fixture
def new_context(database: None, new_context: Any) -> Any:
    """Another browser, of somebody else. It waits no longer than a person would."""

    def make(**kwargs: Any) -> Any:
        context = new_context(**kwargs)
        context.set_default_timeout(10_000)
        return context

    return make


@pytest.fixture
def complaints(context: BrowserContext) -> Iterator[list[str]]:
    """What the browser complains of on any page of `context`: errors of scripts, and what the policy forbids."""
    with watched(context) as heard:
        yield heard


@pytest.fixture
def later(database: None) -> Iterator[Any]:
    """Move the one clock on by days, for every process; as it was before when the test is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('cait_now()'::regprocedure)")
        (before,) = cursor.fetchone()

    def move(days: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION cait_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS "
                f"$$SELECT now() + interval '{days} days'$$"
            )

    yield move
    with connection.cursor() as cursor:
        cursor.execute(before)
