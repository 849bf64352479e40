"""What whoever reads an email should take care of, besides what of it could not be read: that it is sealed, that no
person wrote it, that answers to it go elsewhere. A sentence each; nothing is decided by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import getaddresses
from typing import cast

from intake.parts import Part

SEALED = (
    "It is encrypted, or its words are sealed in a signature, which CAIT cannot open. Open it in the mail program, "
    "or ask the sender to send it again without."
)
NOT_DELIVERED = (
    "It says that an email could not be delivered, or not yet. Whoever that was for may not have been asked: look "
    "whom it went to."
)
AUTOMATIC = "A program wrote it, as an automatic reply or a receipt. It is not an answer by a person."
_SEALED = (
    *("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted", "application/pgp-encrypted"),
    "application/x-microsoft-rpmsg-message",
)
_PGP = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.M)
_UNDELIVERED = re.compile(
    r"^\s*(undeliver(?:ed|able)|delivery (?:delayed|(?:status )?notification)|mail delivery (?:failed|failure)|"
    r"delivery (?:has )?failed|failure notice|returned mail|message not delivered|mail could not be delivered)\b",
    re.I,
)
_BY_ITSELF = re.compile(
    r"^\s*(automatic reply|auto(?:matic)?[ -]?(?:reply|response)|autoreply|out[ -]of[ -](?:the[ -])?office|"
    r"(?:not )?read:|read receipt|recall:)",
    re.I,
)


def is_by_program(subject: str) -> bool:
    """Whether a subject is one that programs write: of an automatic reply, a receipt, an email that came back."""
    return bool(_UNDELIVERED.match(subject) or _BY_ITSELF.match(subject))


def cares(parts: Part, *, subject: str, sender: str, text: str) -> list[str]:
    """What is to be said of an email. `sender`: the address from which it came."""
    kinds = {part.get_content_type() for part in cast(Iterator[Part], parts.walk())}
    found = []
    if not kinds.isdisjoint(_SEALED) or _PGP.search(text):
        found.append(SEALED)
    reports = str(parts.get_param("report-type") or "").lower() if "multipart/report" in kinds else ""
    if "message/delivery-status" in kinds or reports == "delivery-status" or _UNDELIVERED.match(subject):
        found.append(NOT_DELIVERED)
    elif _is_automatic(parts) or reports == "disposition-notification" or _BY_ITSELF.match(subject):
        found.append(AUTOMATIC)
    if elsewhere := _elsewhere(parts, sender):
        found.append(f"It asks for answers to {elsewhere}, which is not where it came from.")
    return found


def _is_automatic(parts: Part) -> bool:
    """As mail programs mark what they send by themselves; a list of addresses, which people write to, is none."""
    submitted = _header(parts, "Auto-Submitted").partition(";")[0].strip()
    return submitted not in ("", "no") or _header(parts, "Precedence") == "auto_reply" or "X-Autoreply" in parts


def _header(parts: Part, name: str) -> str:
    return str(parts.get(name) or "").strip().lower()


def _elsewhere(parts: Part, sender: str) -> str:
    """The address to which answers go, where it is another than the sender's."""
    named = [address for _, address in getaddresses([str(parts.get("Reply-To") or "")]) if "@" in address]
    others = [each for each in named if each.lower() != sender.lower() and each.isprintable() and len(each) <= 100]
    return others[0] if sender and others and len(others) == len(named) else ""


def is_marked_urgent(parts: Part) -> bool:
    """Whether the sender's program marks it as of high importance."""
    return _header(parts, "Importance") == "high" or _header(parts, "X-Priority")[:1] in ("1", "2")
