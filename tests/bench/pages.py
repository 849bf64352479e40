"""What is measured: our pages, what each is compared with, and how a referral is sent as the form sends it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.test import Client

from deadlines import clock
from people.enums import Relation
from referrals.models import Referral
from team.models import Team
from tests.bench.fill import Filled
from tests.bench.names import ENDS, GIVEN, STEMS, STREETS

LIST_LIMIT = 12


@dataclass(frozen=True)
class Page:
    """A page of ours. `floor`: T or E, to which its own SQL is added; `target`: how many times that it may take."""

    name: str
    path: str
    floor: str = "T"
    target: float | None = None
    # Whether its statements may not be more than twelve.
    is_list: bool = False
    who: str = "sergeant"
    status: int = 200
    posts: bool = False
    detail: dict[str, Any] = field(default_factory=dict)


LOG = "log a referral"
FEW, MANY = "record, 10 entries", "record, 200 entries"


def pages_of(filled: Filled, sergeant: Client) -> list[Page]:
    """All of them, for one filled database."""
    first = sergeant.get("/referrals/").content.decode()
    further = sergeant.get(f"/referrals/{_older(first)}").content.decode()
    few, many = f"/cases/{filled.few}/", f"/cases/{filled.many}/"
    return [
        Page("referral log", "/referrals/", target=2.0, is_list=True),
        Page("referral log, third page", f"/referrals/{_older(further)}", target=2.0, is_list=True),
        Page("referral log, narrowed", "/referrals/?category=physical&source=school", target=2.0, is_list=True),
        Page("referral log, command", "/referrals/", target=2.0, is_list=True, who="command"),
        Page(FEW, few, "E", target=4.0),
        Page(MANY, many, "E", target=10.0),
        Page(LOG, "/referrals/log/", "E", target=2.5, status=302, posts=True),
        Page("chronology, 10 entries", f"{few}chronology/", is_list=True),
        Page("chronology, 200 entries", f"{many}chronology/", is_list=True),
        Page("Today", "/"),
        Page("records", "/cases/", is_list=True),
        Page("queues", "/queues/", target=2.0, is_list=True),
        Page("queues, mine", "/queues/?whose=mine", target=2.0, is_list=True),
        Page("queues, narrowed", "/queues/?kind=update&by=late&level=none", target=2.0, is_list=True),
        Page("queues, command", "/queues/", target=2.0, is_list=True, who="command"),
        Page("notices", "/queues/notices/", is_list=True),
        Page("people", "/people/", is_list=True),
        Page("conferences", "/conferences/", is_list=True),
        Page("mailbox", "/referrals/mailbox/", is_list=True),
        Page("search", f"/search/?{urlencode({'q': filled.words})}", is_list=True),
        Page("figures", "/oversight/"),
    ]


def _older(page: str) -> str:
    """The keyset link to the next page of a list; nothing where it has but one, as with a few hundred records."""
    found = re.search(r'href="(\?[^"]*after=[^"]+)"', page)
    return unescape(found[1]) if found else ""


class Callers:
    """Forms as they are sent, each about another family."""

    def __init__(self, filled: Filled, seed: int) -> None:
        # Other families in each run on a database that is kept.
        self.chance = random.Random(f"{seed} {Referral.objects.latest('pk').pk}")
        self.team = Team.objects.get(code=filled.team)
        self.received = f"{clock.now().astimezone(clock.LONDON):%d/%m/%Y %H:%M}"

    def form(self) -> dict[str, Any]:
        """Two children and two adults, whoever is like them on record said to be somebody else."""
        pick = self.chance.choice
        family, other = (pick(STEMS) + pick(ENDS) for _ in range(2))
        address = (
            f"{self.chance.randrange(1, 212)} {pick(STEMS)}{pick(ENDS)} {pick(STREETS)}, London N{pick('1234')}7"
        )
        children = [
            {
                "given_names": pick(GIVEN),
                "family_name": family,
                "birth": f"{self.chance.randrange(1, 29)}/{self.chance.randrange(1, 13)}/{pick((2014, 2017, 2020))}",
            }
            for _ in range(2)
        ]
        adults = [
            {"given_names": pick(GIVEN), "family_name": family, "birth": "34", "relation": str(Relation.MOTHER)},
            {"given_names": pick(GIVEN), "family_name": other, "birth": "38", "relation": str(Relation.PARTNER)},
        ]
        adults[1]["may_have_harmed"] = "on"
        return {
            "do": "log",
            "key": str(uuid4()),
            "version": "0",
            "team": str(self.team.pk),
            "method": "telephone",
            "received_at": self.received,
            "source": "school",
            "referrer_name": "Gillian Teasdale",
            "referrer_job": "Deputy head, Fernley Primary School",
            "referrer_telephone": "020 7946 0000",
            "referrer_email": "",
            "no_child_because": "",
            "circumstances": "Came in late with a red mark across the left cheek. He would not say how.",
            "categories": ["physical"],
            "will_be_lost": "",
            "urgent": "no",
            "who_has_child": "The mother, at home",
            "other_children": "",
            "whereabouts": "",
            "done_so_far": "",
            **_rows("children", children, address),
            **_rows("adults", adults, address),
        }

    def body(self, token: str) -> str:
        return urlencode({"csrfmiddlewaretoken": token, **self.form()}, doseq=True)


def _rows(prefix: str, people: list[dict[str, str]], address: str) -> dict[str, str]:
    fields = {f"{prefix}-TOTAL_FORMS": str(len(people)), f"{prefix}-INITIAL_FORMS": "0"}
    for place, person in enumerate(people):
        sent = {"sex": "", "address": address, "same_as": "new", **person}
        fields |= {f"{prefix}-{place}-{name}": value for name, value in sent.items()}
    return fields
