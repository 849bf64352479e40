"""What a person does with a browser, and what is true of every page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, WebError

from team.models import User

MARKING = "OFFICIAL-SENSITIVE"
PASSWORD = "seven herons over Tottenham"
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# Names as long as the form takes them: one of many words, one that cannot be broken between words.
LONG_NAME = "Maria Consuelo Philippa de los Angeles Featherstonehaugh Cholmondeley Wriothesley"[:80]
LONG_WORD = "Wolfeschlegelsteinhausenbergerdorff".ljust(80, "ö")
LONG_EMAIL = f"{LONG_WORD[:35]}@police.example"


class CouldNotBe(RuntimeError):
    """What a test stands on is not there."""


# --- signing in ----------------------------------------------------------------------------------


def with_password(user: User) -> User:
    """An account of the factories, whose password is now known."""
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def sign_in(page: Page, username: str, password: str) -> None:
    """Through the sign-in page."""
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def signed_in(context: BrowserContext, user: User, url: str) -> None:
    """By the session alone, where signing in is not what is tested."""
    context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": url}])


def session_of(user: User) -> str:
    """The cookie of somebody who has signed in."""
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


# --- the keyboard --------------------------------------------------------------------------------

# GOV.UK draws the focus of a radio round its label's box; of a link and a button with a shadow below them.
STOP = """
(wanted) => {
  const it = document.activeElement
  const drawn = (style) => style.boxShadow !== 'none' ||
    (parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none' &&
     !/^rgba.*, 0\\)$/.test(style.outlineColor))
  const label = it.labels?.[0]
  const seen = it.matches(':focus-visible') &&
    (drawn(getComputedStyle(it)) || Boolean(label && drawn(getComputedStyle(label, '::before'))))
  return [it.outerHTML.slice(0, 120), seen, it === wanted]
}
"""


def tab_to(it: Locator) -> None:
    """Tab until `it` has the focus; every stop on the way must be seen."""
    for _ in range(60):
        it.page.keyboard.press("Tab")
        where, seen, arrived = it.evaluate(STOP)
        if where.startswith("<body"):  # once round: the browser's own bar is next
            continue
        assert seen, f"the focus is not seen on {where}"
        if arrived:
            return
    raise AssertionError(f"the keyboard does not come to {it}")


def press(it: Locator) -> None:
    """Go there with Tab and press Enter."""
    tab_to(it)
    it.page.keyboard.press("Enter")


def type_in(it: Locator, text: str) -> None:
    """Go there with Tab and type."""
    tab_to(it)
    it.page.keyboard.type(text)


# --- what is true of every page ------------------------------------------------------------------


@contextmanager
def watched(context: BrowserContext) -> Iterator[list[str]]:
    """A list that fills with what the browser complains of meanwhile."""
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # An error page is itself a "resource" that failed to load, and is meant.
        is_the_page = message.page is not None and message.location["url"] == message.page.url
        if message.type in ("error", "warning") and not (is_the_page and "Failed to load resource" in message.text):
            heard.append(message.text)

    def fail(error: WebError) -> None:
        heard.append(str(error.error))

    context.on("console", listen)
    context.on("weberror", fail)
    try:
        yield heard
    finally:
        context.remove_listener("console", listen)
        context.remove_listener("weberror", fail)


def check_page(page: Page, complaints: list[str]) -> None:
    """What holds for every page whatever is on it. Collects all that is wrong, to be mended in one go."""
    wrong = list(complaints)
    title, headings, marked, has_axe = page.evaluate(FACTS, MARKING)
    if not has_axe:
        page.evaluate(axe())
    if not title.strip():
        wrong.append("no title")
    if headings != 1:
        wrong.append(f"{headings} headings of the first level")
    if not marked:
        wrong.append("the protective marking is not visible")
    for width in (800, 400, 1280):  # a table at its narrowest, a telephone, an office screen
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"at {width} px {it} is too wide" for it in page.evaluate(TOO_WIDE)]
        if width != 800:  # of the same shape as 1280; the colours, slow to check, do not depend on the width
            wrong += [f"at {width} px {it}" for it in violations(page, colours=width == 1280)]
    assert wrong == [], f"{page.url}: " + "; ".join(wrong)


# Asked at once: each question by itself takes longer on its way than in the browser.
FACTS = """
(marking) => {
  const it = [...document.body.querySelectorAll('*')].find((it) =>
    !it.firstElementChild && it.textContent.trim() === marking)
  const box = it?.getBoundingClientRect()
  const seen = Boolean(it?.checkVisibility({visibilityProperty: true}) && box.width && box.height)
  return [document.title, document.querySelectorAll('h1').length, seen, 'axe' in window]
}
"""


# What sticks out is named, and the page itself where nothing can be.
TOO_WIDE = """
() => {
  const page = document.documentElement
  if (page.scrollWidth <= page.clientWidth) return []
  const out = [...document.body.querySelectorAll('*')].filter((it) =>
    it.getBoundingClientRect().right > page.clientWidth + 1 && !it.closest('.cait-scroll'))
  return out.length ? out.slice(-2).map((it) => it.outerHTML.slice(0, 160)) : ['the page']
}
"""


# What is wrong is said here, and not sent from the browser with all that was looked at and is right.
VIOLATIONS = """
async (asked) => (await axe.run(asked)).violations.flatMap(({id, help, nodes}) =>
  nodes.map(({html}) => `${id} (${help}): ${html.slice(0, 160)}`))
"""


@cache
def axe() -> str:
    """Evaluated, because the pages’ policy allows no other script; or begun with each page of a window that shows one
    page after the other, which sends it to the browser once."""
    return AXE.read_text()


def violations(page: Page, *, colours: bool) -> list[str]:
    """What axe, which the page has been given, finds wrong by WCAG 2.2 AA."""
    asked = {
        "runOnly": LEVELS,
        "resultTypes": ["violations"],
        "selectors": False,
        "elementRef": False,
        "rules": {"color-contrast": {"enabled": colours}},
    }
    found: list[str] = page.evaluate(VIOLATIONS, asked)
    return found
