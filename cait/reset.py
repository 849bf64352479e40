"""`make reset`: throw the demonstration data away."""

import os
import sys

from cait import embedded


def main() -> int:
    # Not by way of the settings: reading those would make a secret key.
    data = embedded.data_folder()
    try:
        was_there = embedded.throw_away(data)
    except RuntimeError as reason:
        print(reason)  # noqa: T201
        return 1
    except OSError as reason:
        print(f"{data} could not be thrown away: {reason}")  # noqa: T201
        return 1
    if was_there:
        print(f"Nothing of CAIT is left in {data}. The next `make run` starts afresh.")  # noqa: T201
    else:
        print(f"CAIT has not run on {data}, so nothing was thrown away.")  # noqa: T201
    if os.environ.get("DATABASE_URL"):
        print("The database that DATABASE_URL names is left as it is.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
