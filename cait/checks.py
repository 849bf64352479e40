"""What must not be put into use by mistake."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

THIS_MACHINE = {"localhost", "127.0.0.1", "[::1]", "testserver"}


@register()
def demonstration_only_on_this_machine(**kwargs: Any) -> list[Error]:
    """Demonstration accounts share a printed password, so they may only be reachable from this machine."""
    others = sorted(set(settings.ALLOWED_HOSTS) - THIS_MACHINE)
    if settings.DEMONSTRATION and others:
        return [
            Error(
                f"Demonstration mode is on and CAIT would answer to {', '.join(others)}.",
                hint="Anybody could sign in with the printed password. Use cait.settings.prod, or only localhost.",
                id="cait.E001",
            )
        ]
    return []
