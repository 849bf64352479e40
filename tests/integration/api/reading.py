"""How the tests of the API read, and all that can be read of one record."""

from __future__ import annotations

import json
from typing import Any

from deadlines import clock
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.described import check_answer, untold
from tests.integration.api.prepared import CALLER, READS, Prepared, another_person

TEAM = {"code": "HGY", "name": "Team HGY"}


def officer(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": user.get_full_name()}


def utc(at: Any) -> str | None:
    """A moment as CAIT gives it."""
    return None if at is None else at.astimezone(clock.UTC).isoformat().replace("+00:00", "Z")


def read(program: Program, name: str, *args: Any, **asked: Any) -> Any:
    answer = program.get(name, *args, **asked)
    assert answer.status_code == 200, (name, answer.content[:500])
    assert answer["Content-Type"] == "application/json"
    return answer.json()


def an_investigator(team: str = "HGY") -> Program:
    return Program(an_officer(Role.INVESTIGATOR, a_team(team)))


def at_the_desk() -> Program:
    return Program(an_officer(Role.DESK_SERGEANT))


def pages(program: Program, name: str, *args: Any, **asked: Any) -> list[list[Any]]:
    """Every page of a list, each next one by the address that the one before gave."""
    found: list[list[Any]] = []
    answer = program.get(name, *args, **asked)
    while len(found) < 9:
        assert answer.status_code == 200, answer.content[:300]
        page = answer.json()
        # Some say besides what is left out of them (ADR 34).
        assert set(page) - {"left_out", "not_shown", "withheld"} == {"results", "next"}
        found.append(page["results"])
        if page["next"] is None:
            return found
        assert page["next"].startswith("http://testserver/api/v1/")
        answer = program.client.get(page["next"].removeprefix("http://testserver"))
    raise AssertionError("there is no end")


def numbers(program: Program, name: str, key: str, *args: Any, **asked: Any) -> list[Any]:
    return [each[key] for each in read(program, name, *args, **asked)["results"]]


def read_as_described(it: Prepared) -> None:
    """Every address that is read answers as the description says, and of a record with nothing on it too."""
    another_person(it.case, "Quennell")
    bare = a_case()
    program = at_the_desk()
    for name in sorted(READS):
        answer = program.get(name, *it.args(name))
        check_answer(name, "get", answer)
        assert untold(name, answer.json()) == set(), name
        if READS[name] == "number":
            check_answer(name, "get", program.get(name, bare.number))


# What a protected caller is known by. Their kind of work too: "Health" would say who it is. No fewer figures: four
# may stand in the millionths of any moment.
TELLING = [*CALLER.values(), "Teasdale", "7946 0991", "health"]


def without_the_matrix(found: dict[str, Any]) -> dict[str, Any]:
    """What is read but for what the matrix asks of every child: it names health, whoever called."""
    for section in found.get("sections", []):
        for question in section["questions"]:
            question.pop("factor")
    return found


def without_empty_parts(found: dict[str, Any]) -> dict[str, Any]:
    """What is read but for the parts of a figure in which there is nothing: every source has one, whoever called."""
    if "parts" in found and "question" in found:
        found["parts"] = [part for part in found["parts"] if any_counted(part["figures"])]
    return found


def any_counted(figures: dict[str, Any]) -> bool:
    return any(each["of"] for each in (figures["now"], *figures["months"]))


def everything_read(program: Program, it: Prepared, leave_out: set[str]) -> dict[str, str]:
    read_whole = {}
    for name in set(READS) - leave_out:
        answer = program.get(name, *it.args(name))
        if answer.status_code == 200:
            read_whole[name] = json.dumps(
                without_empty_parts(without_the_matrix(answer.json())), ensure_ascii=False
            ).casefold()
    found = program.get("people", q="Calloway")
    read_whole["people by name"] = json.dumps(found.json(), ensure_ascii=False).casefold()
    known = program.post("known_already", people=[{"given_names": "Rhys", "family_name": "Calloway"}])
    assert known.json()["results"][0]
    read_whole["known already"] = json.dumps(known.json(), ensure_ascii=False).casefold()
    return read_whole
