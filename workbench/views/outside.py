"""Only in the demonstration: what reached the world outside, and a way to write from there to a team's mailbox."""

from __future__ import annotations

import smtplib
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from functools import wraps
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from deadlines import clock
from pages.validators import LONGEST_TEXT, one_line
from team.acting import SignedIn
from workbench.demonstration import MAILBOX_ADDRESSES, TEAMS
from workbench.post import received_outside

MOST = 50


class WriteForm(forms.Form):
    """An email to a team, as from somebody outside."""

    to = forms.ChoiceField(
        label="Which team",
        choices=[(address, f"{TEAMS[code]}, {address}") for code, address in MAILBOX_ADDRESSES.items()],
    )
    name = forms.CharField(label="Your name", max_length=80, validators=[one_line])
    address = forms.EmailField(label="Your email address")
    subject = forms.CharField(max_length=200, required=False, validators=[one_line])
    text = forms.CharField(label="Message", max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 10}))
    answers = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300, validators=[one_line])


def _only_in_the_demonstration(view: Any) -> Any:
    @wraps(view)
    def opened(request: SignedIn) -> HttpResponse:
        if not settings.DEMONSTRATION or settings.MAIL_FOLDER is None:
            raise Http404
        answer: HttpResponse = view(request, settings.MAIL_FOLDER)
        return answer

    return opened


@require_safe
@_only_in_the_demonstration
def post(request: SignedIn, where: Path) -> HttpResponse:
    """What CAIT sent, as those read it to whom it went."""
    received = [
        {
            "key": key,
            "to": message["To"],
            "subject": message["Subject"],
            "at": at,
            "text": _text(message),
        }
        for key, message, at in received_outside(where, most=MOST)
    ]
    return render(request, "workbench/post.html", {"received": received, "now": clock.now()})


@require_http_methods(["GET", "HEAD", "POST"])
@_only_in_the_demonstration
def write(request: SignedIn, where: Path) -> HttpResponse:
    """Write to a team, or answer what it wrote."""
    form = WriteForm(request.POST or None, initial=_answer(where, request.GET.get("answers", "")))
    if request.method == "POST" and form.is_valid():
        try:
            _send(**form.cleaned_data)
        except (OSError, smtplib.SMTPException, ValueError) as wrong:
            form.add_error(None, f"It could not be sent ({type(wrong).__name__}). Check the address, and try again.")
        else:
            messages.success(request, "Sent. It stands in the mailbox within a minute or two.")
            return redirect("workbench:post")
    return render(request, "workbench/write.html", {"form": form})


def _answer(where: Path, key: str) -> dict[str, str]:
    """The fields of an answer to one of the emails that CAIT sent."""
    for each, message, _ in received_outside(where, most=MOST) if key else ():
        if each == key:
            return {
                "to": _first(message["Reply-To"]) or _first(message["From"]),
                "address": _first(message["To"]),
                "subject": f"RE: {message['Subject']}",
                "answers": str(message["Message-ID"]),
            }
    return {}


def _first(header: Any) -> str:
    """The first address that a header names; empty where it names none."""
    addresses = getattr(header, "addresses", ())
    return str(addresses[0].addr_spec) if addresses else ""


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except LookupError:  # an alphabet that there is not
        return bytes(body.get_payload(decode=True) or b"").decode("utf-8", "replace")


def _send(*, to: str, name: str, address: str, subject: str, text: str, answers: str) -> None:
    """By the demonstration's own SMTP server, which delivers to the teams too."""
    message = EmailMessage()
    message["From"] = Address(name, addr_spec=address)
    message["To"], message["Subject"] = to, subject
    message["Message-ID"] = make_msgid(domain=address.partition("@")[2])
    if answers:
        message["In-Reply-To"] = answers
    message.set_content(text)
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT) as server:
        server.send_message(message)
