"""Who asks: a program by its token, or a page by its session. Whoever has not chosen their own password, nobody."""

from __future__ import annotations

from typing import Any

from knox.auth import TokenAuthentication
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from deadlines import clock

MUST_CHANGE = "This account still has its first password. Sign in to CAIT and choose your own, then ask again."
NOT_OURS = "This token is not one of ours, or it has ended. Ask whoever runs CAIT for a new one."
NO_CSRF = (
    "With the session of a page, send its CSRF token too (X-CSRFToken), from an address of CAIT. Or use a token."
)


class Token(TokenAuthentication):
    """`Authorization: Token …`. Only its digest is kept; it ends by itself, or when an administrator withdraws it."""

    def authenticate(self, request: Request) -> Any:
        try:
            return super().authenticate(request)
        except (AuthenticationFailed, UnicodeDecodeError) as wrong:
            raise AuthenticationFailed(NOT_OURS) from wrong

    def _cleanup_token(self, auth_token: Any) -> bool:
        """Whether it has ended. A look-up changes nothing: knox itself would delete it."""
        return auth_token.expiry is not None and auth_token.expiry < clock.now()


class Session(SessionAuthentication):
    """The session of whoever is signed in on the pages."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as refused:
            raise PermissionDenied(NO_CSRF) from refused


class SignedIn(IsAuthenticated):
    """As on the pages: signed in, and with a password that nobody else chose."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if getattr(request.user, "must_change_password", False):
            raise PermissionDenied(MUST_CHANGE)
        return True
