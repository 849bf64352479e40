"""Who asks: a program by its token, or a page by its session. Whoever has not chosen their own password, nobody."""

from __future__ import annotations

from typing import Any

from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from deadlines import clock

MUST_CHANGE = "This account still has its first password. Sign in to CAIT and choose your own, then ask again."


class Token(TokenAuthentication):
    """`Authorization: Token …`. Only its digest is kept; it ends by itself, or when an administrator withdraws it."""

    def authenticate_credentials(self, token: bytes) -> Any:
        try:
            token.decode()
        except UnicodeDecodeError as wrong:
            raise AuthenticationFailed("The token is not one of ours.") from wrong
        return super().authenticate_credentials(token)

    def _cleanup_token(self, auth_token: Any) -> bool:
        """Whether it has ended. A look-up changes nothing: knox itself would delete it."""
        return auth_token.expiry is not None and auth_token.expiry < clock.now()


class SignedIn(IsAuthenticated):
    """As on the pages: signed in, and with a password that nobody else chose."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if getattr(request.user, "must_change_password", False):
            raise PermissionDenied(MUST_CHANGE)
        return True
