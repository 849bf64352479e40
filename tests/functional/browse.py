"""What a person does with a browser, and what is true of every page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page

from team.models import User

MARKING = "OFFICIAL-SENSITIVE"
PASSWORD = "seven herons over Tottenham"
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


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
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


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


def watched(context: BrowserContext) -> list[str]:
    """A list that fills with what the browser complains of from now on."""
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # An error page is itself a "resource" that failed to load, and is meant.
        is_the_page = message.page is not None and message.location["url"] == message.page.url
        if message.type in ("error", "warning") and not (is_the_page and "Failed to load resource" in message.text):
            heard.append(message.text)

    context.on("console", listen)
    context.on("weberror", lambda error: heard.append(str(error.error)))
    return heard


def check_page(page: Page, complaints: list[str]) -> None:
    """What holds for every page whatever is on it. Collects all that is wrong, to be mended in one go."""
    wrong = list(complaints)
    if not page.title().strip():
        wrong.append("no title")
    if (headings := page.locator("h1").count()) != 1:
        wrong.append(f"{headings} headings of the first level")
    if not page.get_by_text(MARKING, exact=True).first.is_visible():
        wrong.append("the protective marking is not visible")
    for width in (800, 400, 1280):  # a table at its narrowest, a telephone, an office screen
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"at {width} px {it} is too wide" for it in page.evaluate(TOO_WIDE)]
        if width != 800:  # of the same shape as 1280; the colours, slow to check, do not depend on the width
            wrong += [f"at {width} px {it}" for it in violations(page, colours=width == 1280)]
    assert wrong == [], f"{page.url}: " + "; ".join(wrong)


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


def violations(page: Page, *, colours: bool) -> list[str]:
    """What axe finds wrong by WCAG 2.2 AA. Evaluated, because the pages’ policy allows no other script."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    asked = {
        "runOnly": LEVELS,
        "resultTypes": ["violations"],
        "rules": {"color-contrast": {"enabled": colours}},
    }
    found: dict[str, Any] = page.evaluate("asked => axe.run(asked)", asked)
    return [
        f"{each['id']} ({each['help']}): {node['html'][:160]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
