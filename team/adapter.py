"""Where allauth's sign-in meets this house: what is recorded, what is said, where one goes next."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from audit.events import Event
from audit.recording import record
from team.acting import teams_to_choose
from team.actions import change_password
from team.models import User

SAID = {
    "account/messages/logged_out.txt": "You are signed out.",
    "account/messages/password_changed.txt": "Your password is changed. Use the new one the next time you sign in.",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The user name or the password is not right. Check both and try again.",
        "too_many_login_attempts": (
            "There were too many failed tries with this user name. Wait 5 minutes, then try again. "
            "If you have forgotten your password, ask a CAIT administrator for a new one."
        ),
        "enter_current_password": "This is not the password you have now. Type it again.",
        "password_min_length": "The password must have at least 12 characters.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # accounts are added by an administrator

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        with transaction.atomic():
            super().login(request, user)
            record(Event.SIGNED_IN, by=user, on=user)

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        with transaction.atomic():
            super().logout(request)
            if isinstance(user, User):
                record(Event.SIGNED_OUT, by=user, on=user)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By the name alone. allauth's own key holds the Host header, whose port whoever guesses can change."""
        return str(credentials.get("username", "")).strip().lower()

    def is_safe_url(self, url: str | None) -> bool:
        """Whether sign-in may lead there: an address of this site alone, written without its host."""
        try:
            return url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        except ValueError:  # no address at all
            return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        # What was typed is not kept: it may be a password typed into the wrong field.
        known = User.objects.filter(username__iexact=credentials.get("username", "")).first()
        with transaction.atomic():
            record(Event.SIGN_IN_FAILED, by=None, on=known)

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        with transaction.atomic():
            record(Event.SIGN_IN_FAILED, by=None, on=user, detail={"why": "closed"})
        messages.error(request, "Your account is closed. Ask a CAIT administrator to open it again.")
        return HttpResponseRedirect(reverse("account_login"))

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        if isinstance(user, User):  # there is no other kind; said for the type checker
            change_password(user, password=password, by=user)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Whoever holds roles in several teams first says for which they are here; what they log goes to that one."""
        return reverse("team:change" if len(teams_to_choose(request)) > 1 else "workbench:today")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *a: Any, **k: Any
    ) -> None:
        """Say our own words, and only where there is something worth saying."""
        if message_template in SAID:
            messages.add_message(request, level, SAID[message_template])
