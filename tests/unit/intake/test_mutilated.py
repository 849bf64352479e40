"""Whatever is done to an email on its way, it is read, in no time, and what is read can be kept and shown."""

from __future__ import annotations

import json
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import reading
from intake.reading import Reading, attached_parts, fingerprint, parsed, read_message
from tests.unit.intake.mutilation import mutilated

TURNS_TEXT_ROUND = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


def everything_said(found: Reading) -> list[str]:
    """Whatever of it the database keeps and a page shows."""
    kept = [found.from_name, found.from_address, found.to, found.subject, found.message_id, found.text]
    named = [str(each[key]) for each in found.attachments for key in ("name", "type")]
    return [*kept, *found.answers, *found.problems, *named]


def check_read(raw: bytes) -> None:
    began = time.monotonic()
    found = read_message(raw)
    fingerprint(raw)
    assert time.monotonic() - began < 5
    for said in everything_said(found):
        controls = {each for each in said if unicodedata.category(each) in ("Cc", "Cs")} - {"\n"}
        assert not controls
        assert said.encode("utf-8").decode() == said
        assert not set(said) & set(TURNS_TEXT_ROUND)
    assert "\\u0000" not in json.dumps(found.attachments)
    assert len(found.text) <= reading.LONGEST_TEXT
    assert all(len(line) <= 500 for line in (found.from_name, found.from_address, found.to, found.subject))
    assert all(len(each) <= 310 for each in (found.message_id, *found.answers))
    assert all(len(each) <= 200 for each in found.problems)


@pytest.mark.filterwarnings("default")  # what a decoder deplores in such bytes is no fault of ours
@settings(deadline=None, max_examples=1_000, derandomize=True)
@given(mutilated)
def test_a_mutilated_email_is_read_and_what_is_read_can_be_kept(raw: bytes) -> None:
    check_read(raw)


@pytest.mark.filterwarnings("default")
@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.binary(max_size=300))
def test_so_are_bytes_that_were_never_an_email(raw: bytes) -> None:
    check_read(raw)


@pytest.mark.filterwarnings("default")
@settings(deadline=None, max_examples=100, derandomize=True)
@given(mutilated)
def test_what_came_with_it_is_found_in_the_same_places_when_it_is_taken_out(raw: bytes) -> None:
    """An attachment is known by its place among those that were listed."""
    named = read_message(raw).attachments
    assert [part.get_content_type() for part in attached_parts(parsed(raw))][: len(named)] == [
        " ".join(each["type"].split()) for each in named
    ]
