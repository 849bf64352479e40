"""What stands round every page."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.utils.html import format_html

ROOT = Path(settings.BASE_DIR)
CHECKED = datetime(2010, 1, 14, 7, 44, tzinfo=UTC)


def page(**context: object) -> str:
    return " ".join(render_to_string("base.html", context).split())


def signed_in(**more: object) -> dict[str, object]:
    return {
        "acting_as": "DS Priya Nandra, supervisor",
        "acting_team": SimpleNamespace(name="Haringey CAIT"),
        "navigation": [SimpleNamespace(label="Today", url="/", current=True)],
        "dates_checked": SimpleNamespace(at=CHECKED, stale=False),
        **more,
    }


@pytest.mark.parametrize("template", ["base.html", "frame_plain.html", "500.html", "503.html"])
def test_a_frame_needs_no_context_at_all(template: str) -> None:
    html = render_to_string(template)
    assert html.count("OFFICIAL-SENSITIVE") == 2
    assert '<html lang="en-GB"' in html
    assert 'href="#main-content"' in html
    assert "Sign out" not in html


def test_who_is_signed_in_and_out_again_by_a_form() -> None:
    html = page(**signed_in())
    assert "DS Priya Nandra, supervisor" in html
    assert re.search(
        r'<form action="[^"]+" method="post"[^>]*>.*<button class="cait-link-button"[^>]*>Sign out</button>', html
    )
    assert "Change team" not in html
    assert "Change team" in page(**signed_in(can_change_team=True))
    assert "– Haringey CAIT</title>" in html


def test_search_only_where_there_is_one() -> None:
    assert 'role="search"' not in page(**signed_in())
    assert 'action="/search/"' in page(**signed_in(search_url="/search/"))


def test_when_due_dates_were_checked() -> None:
    assert "Due dates last checked today at 7:44am." in page(**signed_in(today=date(2010, 1, 14)))
    assert "cait-strip--act" not in page(**signed_in())


def test_every_page_says_when_due_dates_are_not_checked() -> None:
    stale = page(**signed_in(dates_checked=SimpleNamespace(at=CHECKED, stale=True)))
    assert "Due dates were last checked 14 January 2010, 7:44am." in stale
    assert "Due dates last checked" not in stale
    never = page(**signed_in(dates_checked=SimpleNamespace(at=None, stale=True)))
    assert "Due dates have never been checked." in never


def test_a_demonstration_says_so() -> None:
    assert "Do not enter real ones." in page(demonstration=True)
    assert "Do not enter real ones." not in page()


def test_the_title_begins_with_error_where_a_form_has_one() -> None:
    assert "<title>Error: CAIT" in page(form=SimpleNamespace(errors={"x": 1}))
    assert "<title>CAIT" in page(form=SimpleNamespace(errors={}))


@pytest.mark.parametrize(
    ("level", "tag", "role"),
    [
        (messages.SUCCESS, "govuk-notification-banner--success", "alert"),
        (messages.ERROR, "cait-banner--act", "alert"),
        (messages.WARNING, "cait-banner--act", "alert"),
        (messages.INFO, "govuk-notification-banner", "region"),
    ],
)
def test_what_happened_is_told_in_a_banner(level: int, tag: str, role: str) -> None:
    html = page(messages=[Message(level, "DS <Nandra> is added.")])
    assert re.search(rf'<div class="[^"]*{tag}" role="{role}"', html)
    assert "DS &lt;Nandra&gt; is added." in html
    assert '<a href="/x">Next</a>' in page(messages=[Message(level, format_html('<a href="{}">Next</a>', "/x"))])


def test_paper_carries_the_marking_of_the_settings() -> None:
    assert f'$marking: "{settings.PROTECTIVE_MARKING}";' in (ROOT / "static/styles/_print.scss").read_text()


def test_no_page_has_inline_style_or_script() -> None:
    """The Content-Security-Policy would not run it."""
    for template in (ROOT / "templates").rglob("*.html"):
        html = template.read_text()
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|javascript:|<script(?![^>]*\ssrc=)", html), template


def test_every_class_of_ours_that_a_page_uses_is_in_the_styles() -> None:
    styles = "".join(file.read_text() for file in (ROOT / "static/styles").glob("*.scss"))
    for template in (ROOT / "templates").rglob("*.html"):
        for name in re.findall(
            r"\bcait-[a-z_-]+(?<![-_])\b", " ".join(re.findall(r'class="([^"]*)"', template.read_text()))
        ):
            assert f".{name}" in styles, (template, name)


def test_the_lock_file_names_no_address_to_download_from() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()
