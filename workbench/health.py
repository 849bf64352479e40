"""Is it working? For a monitor and for whoever is on duty: no login, nothing secret."""

from __future__ import annotations

import logging
import time

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from diary.sweep import dates_checked, worker_is_working

logger = logging.getLogger(__name__)

# A broker that takes connections but does not answer must not hold up the one who asks how it is.
SECONDS = 2
OK, FAILING = "ok", "failing"
SECONDS_BETWEEN_LOGS = 60
_logged_at: dict[str, float] = {}


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """`{"status": "ok"|"failing", "database": …, "broker": …, "worker": …, "last_sweep_at": …}`; 503 when failing."""
    answer: dict[str, str | None] = {"database": OK, "broker": _broker(), "worker": "unknown", "last_sweep_at": None}
    try:
        checked = dates_checked()
        answer["worker"] = OK if worker_is_working() else FAILING
        answer["last_sweep_at"] = checked.at.isoformat() if checked.at else None
    except Exception as reason:  # whatever it is: a monitor needs an answer, not an error page
        _log("The database does not answer", reason)
        answer["database"] = FAILING
    working = all(answer[part] == OK for part in ("database", "broker", "worker"))
    response = JsonResponse({"status": OK if working else FAILING, **answer}, status=200 if working else 503)
    # The reason was logged above; Django would add a line that says less.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _log(what: str, reason: Exception) -> None:
    """Once a minute at the most: whoever asks again and again must not fill the log."""
    if time.monotonic() - _logged_at.get(what, float("-inf")) > SECONDS_BETWEEN_LOGS:
        _logged_at[what] = time.monotonic()
        logger.error("%s: %s", what, type(reason).__name__)


def _broker() -> str:
    patience = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
    try:
        with current_app.connection_for_read(connect_timeout=SECONDS, transport_options=patience) as broker:
            broker.ensure_connection(max_retries=0, timeout=SECONDS)
    except Exception as reason:  # also an address that makes no sense
        _log("The broker does not answer", reason)
        return FAILING
    return OK
