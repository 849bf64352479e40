"""`make reset`: throw the demonstration data away."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cait.settings.dev")
    from django.conf import settings

    from cait import embedded

    try:
        embedded.throw_away(settings.DATA)
    except RuntimeError as reason:
        print(reason)  # noqa: T201
        return 1
    except OSError as reason:
        print(f"{settings.DATA} could not be thrown away: {reason}")  # noqa: T201
        return 1
    print(f"Nothing of CAIT is left in {settings.DATA}. The next `make run` starts afresh.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
