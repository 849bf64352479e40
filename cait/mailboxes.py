"""The teams' mailboxes as a real installation names them."""

from __future__ import annotations

import re

from django.core.exceptions import ImproperlyConfigured

from intake.places import read_place

LINE = "HGY cait.haringey@police.example imaps://USER:PASSWORD@HOST:993/INBOX"


def read_mailboxes(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Where each team's mailbox is read, and the address that partners answer to, by the team's code.

    A line for each team: code, address, where it is read. Raises ImproperlyConfigured with a sentence that says in
    which line, and never repeats a password.
    """
    urls: dict[str, str] = {}
    addresses: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        where = f"Line {number} of MAILBOXES"
        if len(words) != 3 or not re.fullmatch(r"[A-Z]{3}", words[0]):
            raise ImproperlyConfigured(f"{where} is not like: {LINE}")
        code, address, url = words
        if not re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", address):
            raise ImproperlyConfigured(f"{where}: its second word is the team's email address alone.")
        if code in urls:
            raise ImproperlyConfigured(f"{where}: team {code} has a mailbox already. A team has one.")
        if address in addresses.values() or url in urls.values():
            raise ImproperlyConfigured(f"{where}: another team has this mailbox. Each team has one of its own.")
        try:
            place = read_place(url)
        except ValueError as wrong:
            raise ImproperlyConfigured(f"{where}: {wrong}") from None
        if place.scheme == "imap":
            raise ImproperlyConfigured(
                f"{where}: imap:// sends the password and every email in clear. Use imaps:// or imap+starttls://."
            )
        urls[code], addresses[code] = url, address
    return urls, addresses
