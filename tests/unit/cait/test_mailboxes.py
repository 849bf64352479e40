"""The teams' mailboxes as a real installation names them: what is taken, what is refused, and what is never said."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from cait.mailboxes import LINE, read_mailboxes
from intake.places import read_place
from tests.unit.cait.test_settings import PROD, manage

# Nothing of it stands in any sentence of ours.
SECRET = "Gh7unseenQx9"
HARINGEY = f"HGY cait.haringey@police.example imaps://cait.haringey:{SECRET}@mail.police.example:993/INBOX"
ENFIELD = f"ENF cait.enfield@police.example imap+starttls://cait.enfield:{SECRET}@mail.police.example"


def url(line: str) -> str:
    return line.split()[2]


def test_a_line_for_each_team_says_where_it_is_read_and_what_it_is_answered_to() -> None:
    urls, addresses = read_mailboxes(f"{HARINGEY}\n{ENFIELD}\n")
    assert urls == {"HGY": url(HARINGEY), "ENF": url(ENFIELD)}
    assert addresses == {"HGY": "cait.haringey@police.example", "ENF": "cait.enfield@police.example"}


def test_the_place_is_read_from_it_as_it_stands() -> None:
    urls, _ = read_mailboxes("HGY a@b.example imaps://cait%40b.example:p%2Fw%20%23@mail.b.example/Shared/Referrals")
    place = read_place(urls["HGY"])
    assert (place.user, place.password, place.host, place.port, place.folder) == (
        "cait@b.example",
        "p/w #",
        "mail.b.example",
        993,
        "Shared/Referrals",
    )


def test_the_line_that_is_shown_as_an_example_is_taken() -> None:
    urls, addresses = read_mailboxes(LINE)
    assert set(urls) == set(addresses) == {"HGY"}


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n", "# nothing yet", "   # HGY a@b imaps://x:y@z\n#\n"])
def test_without_a_line_no_mailbox_is_read(text: str) -> None:
    assert read_mailboxes(text) == ({}, {})


def test_comments_empty_lines_and_wide_spaces_are_passed_over() -> None:
    text = f"# Ours\r\n\r\n   {HARINGEY.replace(' ', '   ')}  \r\n\t#{ENFIELD}\n\t{ENFIELD}"
    assert read_mailboxes(text) == read_mailboxes(f"{HARINGEY}\n{ENFIELD}")


REFUSED = [
    ("HGY", "is not like: HGY cait.haringey@police.example"),
    (f"HGY imaps://cait:{SECRET}@mail.example", "is not like:"),
    (f"{HARINGEY} # the password is {SECRET}", "is not like:"),
    (f"HGY a@b.example imaps://cait:{SECRET} {SECRET}@mail.example", "is not like:"),
    (f"hgy a@b.example imaps://cait:{SECRET}@mail.example", "is not like:"),
    (f"HGYX a@b.example imaps://cait:{SECRET}@mail.example", "is not like:"),
    (f"HÅY a@b.example imaps://cait:{SECRET}@mail.example", "is not like:"),
    (f"imaps://cait:{SECRET}@mail.example a@b.example HGY", "is not like:"),
    (f"HGY Haringey imaps://cait:{SECRET}@mail.example", "its second word is the team's email address alone"),
    (f"HGY <a@b.example> imaps://cait:{SECRET}@mail.example", "its second word is the team's email address alone"),
    (f"HGY a@@b.example imaps://cait:{SECRET}@mail.example", "its second word is the team's email address alone"),
    (f"HGY imaps://cait:{SECRET}@x@y a@b.example", "its second word is the team's email address alone"),
    (f"HGY a@b.example imap://cait:{SECRET}@mail.example", "sends the password and every email in clear"),
    (f"HGY a@b.example IMAP://cait:{SECRET}@mail.example:143", "sends the password and every email in clear"),
    (f"HGY a@b.example pop3://cait:{SECRET}@mail.example", "begins with imaps://"),
    (f"HGY a@b.example cait:{SECRET}@mail.example", "begins with imaps://"),
    (f"HGY a@b.example imaps://cait:{SECRET}/x@mail.example", "its host or port cannot be read"),
    (f"HGY a@b.example imaps://cait:x@mail.example:{SECRET}", "its host or port cannot be read"),
    (f"HGY a@b.example imaps://cait:{SECRET}@mail.example:70000", "its host or port cannot be read"),
    (f"HGY a@b.example imaps://[cait:{SECRET}@mail.example", "its host or port cannot be read"),
    (f"HGY a@b.example imaps://{SECRET}@mail.example", "the user, the password or the host is missing"),
    (f"HGY a@b.example imaps://:{SECRET}@mail.example", "the user, the password or the host is missing"),
    (f"HGY a@b.example imaps://cait:{SECRET}@", "the user, the password or the host is missing"),
    ("HGY a@b.example imaps://mail.example", "the user, the password or the host is missing"),
    (f"HGY a@b.example imaps://cait:{SECRET}%00@mail.example", "holds a character that cannot be seen"),
    (f"HGY a@b.example imaps://cait:{SECRET}%0A@mail.example", "holds a character that cannot be seen"),
    (f"HGY a@b.example imaps://cait:{SECRET}@mail.example/IN%0D%0ABOX", "holds a character that cannot be seen"),
]


@pytest.mark.parametrize(("line", "says"), REFUSED)
def test_a_wrong_line_is_refused_with_its_number_and_without_the_password(line: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read_mailboxes(f"# Ours\n{ENFIELD}\n\n{line}\n")
    said = str(refused.value)
    assert said.startswith("Line 4 of MAILBOXES")
    assert says in said
    # Neither the sentence nor what Python prints of it, with whatever led to it.
    assert SECRET.lower() not in "".join(traceback.format_exception(refused.value)).lower()


def test_a_second_mailbox_of_a_team_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="Line 2 of MAILBOXES: team HGY has a mailbox already") as refused:
        read_mailboxes(f"{HARINGEY}\n{HARINGEY}")
    assert SECRET not in str(refused.value)


def test_one_mailbox_for_two_teams_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="Line 2 of MAILBOXES: another team has this mailbox") as refused:
        read_mailboxes(f"{HARINGEY}\n{HARINGEY.replace('HGY', 'ENF')}")
    assert SECRET not in str(refused.value)


def test_what_is_shown_and_stored_of_a_place_holds_no_password() -> None:
    place = read_place(url(HARINGEY))
    assert place.name == "cait.haringey at mail.police.example:993, INBOX"
    assert SECRET not in f"{place} {place!r} {place.name}"


# --- a real installation -------------------------------------------------------------------------


def check(**env: str) -> tuple[int, str]:
    """How `manage check` ends with the settings of a real installation, and all that it says."""
    said = manage("check", DJANGO_SETTINGS_MODULE="cait.settings.prod", **(PROD | env))
    return said.returncode, said.stdout + said.stderr


def test_a_real_installation_takes_its_mailboxes_from_the_environment() -> None:
    code, said = check(MAILBOXES=f"# Ours\n{HARINGEY}\n{ENFIELD}\n")
    assert code == 0, said
    assert SECRET not in said


SHOW = "from django.conf import settings; print(sorted(settings.MAILBOXES), settings.MAILBOX_ADDRESSES)"


def shown(**env: str) -> str:
    """The mailboxes of a real installation that has started."""
    said = manage("shell", "--no-imports", "-c", SHOW, DJANGO_SETTINGS_MODULE="cait.settings.prod", **(PROD | env))
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


@pytest.mark.parametrize("env", [{}, {"MAILBOXES": ""}], ids=["not named", "empty"])
def test_a_real_installation_without_mailboxes_is_one_that_reads_no_email(env: dict[str, str]) -> None:
    assert shown(**env) == "[] {}"


def test_they_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mailboxes"
    file.write_text(f"\n{HARINGEY}\n{ENFIELD}\n")
    assert shown(MAILBOXES_FILE=str(file)) == (
        "['ENF', 'HGY'] {'HGY': 'cait.haringey@police.example', 'ENF': 'cait.enfield@police.example'}"
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"HGY a@b.example imap://cait:{SECRET}@mail.example", "imap:// sends the password and every email in clear"),
        (f"HGY a@b.example imaps://cait:{SECRET}/x@mail.example", "its host or port cannot be read"),
        (f"HGY a@b.example imaps://cait:x@mail.example:{SECRET}", "its host or port cannot be read"),
        (f"HGY imaps://cait:{SECRET}@mail.example", "is not like: HGY cait.haringey@police.example"),
    ],
)
def test_a_real_installation_with_a_wrong_line_does_not_start_and_tells_nobody_the_password(
    line: str, says: str
) -> None:
    code, said = check(MAILBOXES=f"{ENFIELD}\n{line}")
    assert code == 1
    assert "Line 2 of MAILBOXES" in said
    assert says in said
    assert SECRET not in said
