"""Addresses of mailboxes: how they are read, and that the password stays in them."""

from __future__ import annotations

import traceback
from datetime import date

import pytest

from intake.places import Place, read_place, readable

SECRET = "Tidewell22"  # a part of every password here


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("imaps://cait:Tidewell22@mail.example", ("imaps", "mail.example", 993, "cait", SECRET, "INBOX")),
        ("imap://cait:Tidewell22@mail.example", ("imap", "mail.example", 143, "cait", SECRET, "INBOX")),
        ("imap+starttls://cait:Tidewell22@m.example/", ("imap+starttls", "m.example", 143, "cait", SECRET, "INBOX")),
        ("imaps://cait:Tidewell22@mail.example:1993/Desk", ("imaps", "mail.example", 1993, "cait", SECRET, "Desk")),
        ("imaps://c%40it:%3A%2FTidewell22%40@[::1]:1/A/B%20C", ("imaps", "::1", 1, "c@it", ":/Tidewell22@", "A/B C")),
        ("imaps://z%C3%B6e:p%C3%A4ss@mail.example/B%C3%BCro", ("imaps", "mail.example", 993, "zöe", "päss", "Büro")),
    ],
)  # fmt: skip
def test_an_address_is_read(url: str, place: tuple[str, str, int, str, str, str]) -> None:
    assert read_place(url) == Place(*place)


def test_a_place_is_shown_without_its_password() -> None:
    place = read_place("imaps://cait:Tidewell22@mail.example/Desk")
    assert place.name == "cait at mail.example:993, Desk"
    assert SECRET not in f"{place!r} {place} {place.name}"
    assert place.password == SECRET


WRONG = [
    "",
    "mail.example",
    "http://cait:Tidewell22@mail.example",
    "pop3://cait:Tidewell22@mail.example",
    "imaps://mail.example",
    "imaps://cait@mail.example",
    "imaps://:Tidewell22@mail.example",
    "imaps://cait:Tidewell22@",
    "imaps://cait:Tidewell22@mail.example:port",
    "imaps://cait:Tidewell22@mail.example:99999",
    "imaps://cait:Tidewell22@[mail.example",
    "imaps://cait:%00Tidewell22@mail.example",
    "imaps://cait:Tidewell22%0D%0A@mail.example",
    "imaps://cait:Tidewell22@mail.example/%1b",
    # An address in which a sign of the password was not written as it must be.
    "imaps://cait:Tidewell22/x@mail.example",
    "imaps://cait:Tidewell22#x@mail.example",
    "imaps://cait:Tidewell22?x@mail.example",
    "imaps://cait:Tidewell22\u2100@mail.example",
    # What stands behind the folder.
    "imaps://cait:Tidewell22@mail.example/?since=yesterday",
    "imaps://cait:Tidewell22@mail.example/?since=",
    "imaps://cait:Tidewell22@mail.example/?since=2026-13-01",
    "imaps://cait:Tidewell22@mail.example/?before=2026-11-01",
    "imaps://cait:Tidewell22@mail.example/?since=2026-11-01&Tidewell22=1",
]


@pytest.mark.parametrize("url", WRONG)
def test_what_is_wrong_is_said_without_the_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"of a mailbox ") as refused:
        read_place(url)
    assert SECRET not in f"{refused.value!r} {refused.value}"


@pytest.mark.parametrize("url", WRONG)
def test_nor_does_a_traceback_hold_it(url: str) -> None:
    with pytest.raises(ValueError, match="mailbox") as refused:
        read_place(url)
    # The places without their lines: this very file names the passwords.
    told = traceback.TracebackException.from_exception(refused.value, capture_locals=False)
    assert SECRET not in "".join(line for line in told.format() if "read_place(" not in line)


@pytest.mark.parametrize("path", ["/Desk?since=2026-11-01", "/Desk/?since=2026-11-01"])
def test_a_day_before_which_nothing_is_read(path: str) -> None:
    place = read_place(f"imaps://cait:Tidewell22@mail.example{path}")
    assert (place.since, place.folder) == (date(2026, 11, 1), "Desk")
    # The same mailbox, whether it begins on a day or not.
    assert place.name == read_place("imaps://cait:Tidewell22@mail.example/Desk").name
    assert read_place("imaps://cait:Tidewell22@mail.example?since=2026-11-01").folder == "INBOX"


def test_without_a_day_all_is_read() -> None:
    assert read_place("imaps://cait:Tidewell22@mail.example/Desk").since is None


def test_addresses_that_cannot_be_read_are_logged_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    urls = {"HGY": "imaps://cait:Tidewell22@mail.example", "ENF": "pop3://cait:Tidewell22@mail.example"}
    assert readable(urls) == {"HGY": read_place(urls["HGY"])}
    (told,) = caplog.records
    assert (told.levelname, told.getMessage()) == ("ERROR", "The address of the mailbox of ENF cannot be read.")
    assert SECRET not in caplog.text
