"""Where a team's mailbox is: an address like imaps://USER:PASSWORD@HOST:PORT/FOLDER?since=2026-11-01.

`since`: what the server received before that day stays unread, as when CAIT takes over an old mailbox.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

logger = logging.getLogger(__name__)

# By what is spoken, and on which port where none is named.
PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143}
LIKE = "imaps://USER:PASSWORD@HOST:PORT/FOLDER"


@dataclass(frozen=True)
class Place:
    """A folder on a mail server, and how to get in."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    since: date | None = None

    @property
    def name(self) -> str:
        """As it is shown and stored: without the password."""
        return f"{self.user} at {self.host}:{self.port}, {self.folder}"


def read_place(url: str) -> Place:
    """Read an address. Raises ValueError with a sentence that says what is wrong, and never repeats the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # whose own words would repeat the password
        raise ValueError(f"The address of a mailbox is like {LIKE}; its host or port cannot be read.") from None
    if parts.scheme not in PORTS:
        raise ValueError(f"The address of a mailbox begins with {', '.join(f'{each}://' for each in PORTS)}.")
    if not parts.hostname or not parts.username or parts.password is None:
        raise ValueError(f"The address of a mailbox is like {LIKE}; the user, the password or the host is missing.")
    user, password = unquote(parts.username), unquote(parts.password)
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if any(not each.isprintable() for each in (user, password, folder, parts.hostname)):
        raise ValueError("The address of a mailbox holds a character that cannot be seen.")
    return Place(
        parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password, folder, _since(parts.query)
    )


def _since(query: str) -> date | None:
    asked = dict(parse_qsl(query, keep_blank_values=True))
    try:
        since = date.fromisoformat(asked.pop("since")) if "since" in asked else None
    except ValueError:
        raise ValueError("What stands behind ?since= in the address of a mailbox is a day like 2026-11-01.") from None
    if asked:
        raise ValueError("Behind the folder in the address of a mailbox stands nothing but ?since=2026-11-01.")
    return since


def readable(urls: dict[str, str]) -> dict[str, Place]:
    """Those of some addresses that can be read, by the same key."""
    places = {}
    for key, url in urls.items():
        try:
            places[key] = read_place(url)
        except ValueError:
            logger.error("The address of the mailbox of %s cannot be read.", key)
    return places
