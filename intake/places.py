"""Where a team's mailbox is: an address like imaps://USER:PASSWORD@HOST:PORT/FOLDER."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

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
    return Place(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password, folder)
