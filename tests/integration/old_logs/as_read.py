"""The pages of old logs as one reads them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

from old_logs.forms import column_name
from old_logs.headings import heading_key
from old_logs.models import OldLog

HERE = "/referrals/old-logs/"


def of(log: OldLog, *, then: str = "") -> str:
    return f"{HERE}{log.pk}/{then}"


def page_of(client: Client, url: str = HERE, **asked: Any) -> str:
    answer = client.get(url, asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")


def counts(page: str) -> list[str]:
    return re.findall(r'cait-counts__n">([^<]*)<', page)


def errors(answer: Any) -> str:
    """What stands beside the fields and at the top."""
    assert answer.status_code == 200
    page = unescape(answer.content.decode())
    found = re.findall(r'govuk-error-(?:message"[^>]*>.*?</p>|summary__list">.*?</ul>)', page, re.DOTALL)
    return words(" ".join(found))


def column(heading: str) -> str:
    return column_name(heading_key(heading))


def read_so(page: str) -> dict[str, str]:
    """What the form of the columns would send as it stands."""
    numbers = re.findall(r'<input type="text" name="(heading-\d+)"(?: value="(\d*)")?', page)
    selects = re.findall(r'<select name="(column-\w+)".*?</select>', page, re.DOTALL)
    chosen = {
        name: re.search(rf'<select name="{name}".*?<option value="(\w+)" selected', page, re.DOTALL)
        for name in selects
    }
    return {**dict(numbers), **{name: found[1] for name, found in chosen.items() if found}}
