#!/usr/bin/env python3
"""Django's commands. Without DATABASE_URL they use the embedded servers below CAIT_DATA (default: var/)."""

import os
import sys
from itertools import pairwise


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cait.settings.dev")
    # Read before Django does: which servers are ours to start hangs on the settings.
    for word, following in pairwise([*sys.argv, ""]):
        if word == "--settings":
            os.environ["DJANGO_SETTINGS_MODULE"] = following
        elif word.startswith("--settings="):
            os.environ["DJANGO_SETTINGS_MODULE"] = word.removeprefix("--settings=")
    from cait.embedded import for_this_command

    with for_this_command(sys.argv):
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
