"""The search: by number, name and address, among what one may open; whatever is typed gets an answer."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AccessLog
from cases.actions import take_person_off
from cases.models import Case
from deadlines.clock import LONDON
from people.models import Person
from team.enums import Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_closed_case
from tests.factories.referrals import a_case, a_child, aged
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

HERE = "/search/"
# A Thursday, at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
NOTHING = "Nothing that you may open fits."
TOO_SHORT = "Enter at least 3 letters of a name, or a URN like 0598/09."
NOTHING_ASKED = "Type a name, part of an address"


@pytest.fixture
def investigator(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.INVESTIGATOR)


def signed_in(client: Client, role: Role, team: Team | None = None) -> User:
    move_time_to(NOW)
    user = an_officer(role, team)
    client.force_login(user)
    return user


def raw_page(client: Client, words: str) -> str:
    answer = client.get(HERE, {"q": words})
    assert answer.status_code == 200
    return answer.content.decode()


def page(client: Client, words: str) -> str:
    return unescape(raw_page(client, words))


def section(html: str, name: str) -> str:
    """One part of what was found: numbers, people, alike or places."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}-h">(.*?)</section>', html, re.S)
    return found[1] if found else ""


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def heading(html: str, name: str) -> str:
    return plain(section(html, name).partition("</h2>")[0])


def who(html: str, name: str = "people") -> list[int]:
    """The ids of the people in the table of people, or of those alike, in their order."""
    return [int(pk) for pk in re.findall(r'<th scope="row"[^>]*><a [^>]*href="/people/(\d+)/"', section(html, name))]


def row(html: str, person: Person) -> str:
    """The words of somebody's row in the table of people."""
    mine = f'class="cait-breaks"><a class="govuk-link" href="/people/{person.pk}/"'
    found = re.findall(r'<tr role="row">.*?</tr>', section(html, "people"), re.S)
    return plain(next(each for each in found if mine in each))


def numbers(html: str) -> list[str]:
    return re.findall(r'href="/cases/([A-Z]{3}-\d{4}-\d+)/"', section(html, "numbers"))


def places(html: str) -> dict[str, list[int]]:
    """Each address that fits, and who was said to live there."""
    found = re.findall(r"<li[^>]*><b>(.*?)</b>(.*?)</li>", section(html, "places"), re.S)
    return {place: [int(pk) for pk in re.findall(r'href="/people/(\d+)/"', people)] for place, people in found}


def child_of(case: Case) -> Person:
    return case.parts.order_by("place")[0].person


def opened(client: Client, words: str) -> str:
    """Where the search leads at once."""
    answer = client.get(HERE, {"q": words})
    assert answer.status_code == 302, plain(answer.content.decode())
    return str(answer["Location"])


def looks() -> list[AccessLog]:
    return list(AccessLog.objects.filter(object_type="people.person").order_by("pk"))


def raised_in(year: int, team: Team | None = None) -> Case:
    """A record of an earlier year; its serial is the first of that year."""
    move_time_to(datetime(year, 1, 14, 11, 0, tzinfo=LONDON))
    return a_case(team)


# --- by number -----------------------------------------------------------------------------------


def test_a_number_as_somebody_types_it_opens_its_record(client: Client, investigator: User) -> None:
    """The URN; the number of the record; and the serial alone, where one record has it."""
    case = a_case()
    a_case()
    assert case.urn == "0001/10"
    urns = ("0001/10", "1/10", "0001/2010", " 0001 / 10 ", "0001 /2010", "\t1/10\n")
    its_own = (case.number.upper(), case.number.lower(), f"  {case.number}  ")
    serials = ("1", "01", "0001", "000001")
    found = {typed: opened(client, typed) for typed in (*urns, *its_own, *serials)}
    assert found == dict.fromkeys(found, f"/cases/{case.number}/")


def test_a_serial_of_several_years_gives_all_of_them_the_latest_first(client: Client) -> None:
    older, newer = raised_in(2009), raised_in(2010)
    raised_in(2010)
    signed_in(client, Role.INVESTIGATOR)
    html = page(client, "1")
    assert (older.urn, newer.urn) == ("0001/09", "0001/10")
    assert numbers(html) == [newer.number, older.number]
    assert heading(html, "numbers") == "2 records with this number"
    assert str(child_of(older)) in section(html, "numbers")
    assert opened(client, "0001/09") == f"/cases/{older.number}/"


def test_a_number_that_two_teams_gave_tells_the_command_of_both(client: Client) -> None:
    ours, theirs = a_case(), a_case(a_team("BRN", "Barnet CAIT"))
    urn = ours.urn
    assert theirs.urn == urn
    signed_in(client, Role.COMMAND)
    html = page(client, urn)
    assert set(numbers(html)) == {ours.number, theirs.number}
    assert "Barnet CAIT" in section(html, "numbers")
    assert opened(client, theirs.number) == f"/cases/{theirs.number}/"


def test_of_a_number_that_two_teams_gave_each_opens_its_own(client: Client, investigator: User) -> None:
    a_case(a_team("BRN"))
    ours = a_case()
    assert opened(client, ours.urn) == f"/cases/{ours.number}/"


def test_a_number_that_nothing_has_finds_nothing(client: Client, investigator: User) -> None:
    a_case(children=[a_child("Rhys", "Calloway", address="44 Fore Court")])
    for typed in ("0044/10", "0044/99", "44", "999999", "HGY-2010-9999", "0000/10"):
        assert NOTHING in page(client, typed), typed


def test_another_team_s_numbers_find_nothing_and_are_not_opened(client: Client, investigator: User) -> None:
    theirs = a_case(a_team("BRN"), children=[a_child("Nia", "Vellacott")])
    for typed in (theirs.number, theirs.urn, "1"):
        html = page(client, typed)
        assert NOTHING in html
        assert "Vellacott" not in html
    assert all(look.detail == {"people": [], "records": []} for look in looks())
    assert len(looks()) == 3


def test_one_record_is_opened_and_both_looks_are_logged(client: Client, investigator: User) -> None:
    case = a_case()
    assert client.get(HERE, {"q": case.urn}, follow=True).status_code == 200
    assert [look.detail for look in looks()] == [{"people": [], "records": [case.pk]}]
    assert AccessLog.objects.filter(case_id=case.pk).exists()


# --- by name -------------------------------------------------------------------------------------


AS_TYPED = [
    "Zoë Anne Holloway-Marsh",
    "Zoë Holloway-Marsh",
    "Holloway-Marsh, Zoë",
    "Holloway-Marsh,Zoë",
    "marsh ZOË",
    "HOLLOWAY",
    "Holloway Marsh",
    "holloway-",
    "ollow",
    "Ann Holl",
    "Zoe\u0308 Marsh",
    "Ｈｏｌｌｏｗａｙ",
    "  zoë    marsh ",
    "Zoë de Holloway",
    "Zoë A Marsh",
]


def test_somebody_is_found_however_the_name_is_typed(client: Client, investigator: User) -> None:
    child = child_of(a_case(children=[a_child("Zoë Anne", "Holloway-Marsh")]))
    a_case(children=[a_child("Quentin", "Underhill")])
    found = {typed: page(client, typed) for typed in AS_TYPED}
    assert {typed: who(html) for typed, html in found.items() if who(html) != [child.pk]} == {}
    assert {heading(html, "people") for html in found.values()} == {"1 person"}
    # But not where the name lacks one of the words.
    for typed in ("Zoë Brannock", "Hollowaymarsh", "Marsh, Rhys", "xyzzy"):
        assert who(page(client, typed)) == [], typed


@pytest.mark.parametrize(
    ("typed", "given_names", "family_name"),
    [
        ("Rhys Callaway", "Rhys", "Calloway"),
        ("Callaway, Rhys", "Rhys", "Calloway"),
        ("Zoe Holloway-Marsh", "Zoë", "Holloway-Marsh"),
        ("Shelly Branock", "Shelley", "Brannock"),
    ],
)
def test_a_name_that_is_spelled_alike_stands_apart(
    client: Client, investigator: User, typed: str, given_names: str, family_name: str
) -> None:
    child = child_of(a_case(children=[a_child(given_names, family_name)]))
    a_case(children=[a_child("Quentin", "Underhill")])
    html = page(client, typed)
    assert who(html) == []
    assert who(html, "alike") == [child.pk]
    assert heading(html, "alike") == "Names that are like it"


def test_who_has_the_name_is_not_also_told_as_alike(client: Client, investigator: User) -> None:
    exact = child_of(a_case(children=[a_child("Rhys", "Calloway")]))
    alike = child_of(a_case(children=[a_child("Rhys", "Callowey")]))
    html = page(client, "Rhys Calloway")
    assert (who(html), who(html, "alike")) == ([exact.pk], [alike.pk])


def test_however_many_have_the_name_whoever_is_alike_is_told_too(client: Client, investigator: User) -> None:
    for _ in range(5):
        a_case(children=[a_child("Rhys", "Calloway")])
    alike = child_of(a_case(children=[a_child("Rhys", "Callowey")]))
    html = page(client, "Rhys Calloway")
    assert len(who(html)) == 5
    assert who(html, "alike") == [alike.pk]


def test_another_name_that_somebody_goes_by_finds_them(client: Client, investigator: User) -> None:
    child = child_of(a_case(children=[a_child("Rhys", "Calloway")]))
    a_case(children=[a_child("Reece", "Penrose", same_as=child.pk)])
    html = page(client, "penrose")
    assert who(html) == [child.pk]
    assert "Rhys Calloway also called Reece Penrose" in row(html, child)
    # One name or the other: words of both are the name of nobody.
    assert who(page(client, "Penrose Calloway")) == []


def test_a_row_says_age_birth_home_and_every_record(client: Client, investigator: User) -> None:
    said = a_child("Rhys", "Calloway", birth=aged(6), address="22 Tidewell House, London N17 0ZZ")
    first = a_case(children=[said])
    child = child_of(first)
    second = a_case(children=[replace(said, same_as=child.pk, address="9 Fore Court")])
    told = row(page(client, "Calloway"), child)
    assert told.startswith("Rhys Calloway , 6 ")
    for words in (child.birth.words(), "9 Fore Court", first.urn, second.urn, "14 January 2010"):
        assert words in told, words
    assert "Tidewell" not in told


def test_of_many_records_the_latest_five_stand_there_and_the_others_are_counted(
    client: Client, investigator: User
) -> None:
    said = a_child("Rhys", "Calloway")
    child = child_of(a_case(children=[said]))
    for _ in range(6):
        a_case(children=[replace(said, same_as=child.pk)])
    html = page(client, "Calloway")
    urns = list(Case.objects.order_by("-raised_at", "-pk").values_list("urn", flat=True))
    told = row(html, child)
    assert [urn in told for urn in urns] == [True] * 5 + [False] * 2
    assert "and 2 more records of Rhys Calloway" in told


def test_closed_records_and_who_was_taken_off_are_found_and_marked(client: Client, investigator: User) -> None:
    closed = a_closed_case()
    case = a_case(children=[a_child("Ellis", "Brannock")], adults=[a_child("Kieran", "Stroud")])
    part = case.parts.get(person__family_name="Stroud")
    take_person_off(part, reason="Another Kieran", by=User.objects.system())
    assert ", taken off, 14 January 2010" in row(page(client, "Stroud"), part.person)
    child = child_of(closed)
    told = row(page(client, child.family_name), child)
    assert re.search(r" child, .*, closed$", told), told
    assert ", open" not in told


def test_an_open_record_says_so_and_a_child_is_called_one(client: Client, investigator: User) -> None:
    case = a_case(children=[a_child("Ellis", "Brannock")], adults=[a_child("Kieran", "Stroud", may_have_harmed=True)])
    html = page(client, "Brannock")
    assert f"{case.urn} child, 14 January 2010, open" in row(html, case.people.get(given_names="Ellis"))
    html = page(client, "Stroud")
    told = row(html, case.people.get(given_names="Kieran"))
    assert f"{case.urn} may have harmed the child, 14 January 2010, open" in told


def test_a_name_is_found_with_every_apostrophe(client: Client, investigator: User) -> None:
    recorded = {
        name: child_of(a_case(children=[a_child("Rhys", name)])) for name in ("O'Connor", "O’Connor", "O´Connor")
    }
    for typed in ("O'Connor", "O’Connor", "O‘Connor", "Oʼconnor", "o`connor", "O´Connor"):
        html = page(client, typed)
        for name, person in recorded.items():
            assert f"Rhys {name}" in row(html, person), typed


def test_the_command_reads_of_which_team_each_record_is(client: Client) -> None:
    signed_in(client, Role.COMMAND)
    said = a_child("Rhys", "Calloway")
    ours = a_case(children=[said])
    child = child_of(ours)
    theirs = a_case(a_team("BRN", "Barnet CAIT"), children=[replace(said, same_as=child.pk)])
    told = row(page(client, "Calloway"), child)
    assert re.search(rf"{theirs.urn} .*14 January 2010, Barnet CAIT", told)
    assert "Team HGY" in told


def test_another_team_s_people_are_never_found(client: Client, investigator: User) -> None:
    said = a_child("Nia", "Vellacott", address="22 Tidewell House, London N17 0ZZ")
    theirs = a_case(a_team("BRN"), children=[said])
    a_case(a_team("BRN"), children=[a_child("Nia", "Penrose", same_as=child_of(theirs).pk)])
    for typed in ("Nia Vellacott", "vellacott", "Nya Velacott", "penrose", "Tidewell", "22 Tidewell House, N17 0ZZ"):
        html = page(client, typed)
        assert NOTHING in html, typed
        assert f"/people/{child_of(theirs).pk}/" not in html
    assert all(look.detail == {"people": [], "records": []} for look in looks())


def test_of_a_person_of_two_teams_only_our_record_is_told(client: Client, investigator: User) -> None:
    said = a_child("Rhys", "Calloway")
    ours = a_case(children=[said])
    child = child_of(ours)
    theirs = a_case(a_team("BRN"), children=[replace(said, same_as=child.pk)])
    html = page(client, "Calloway")
    assert who(html) == [child.pk]
    assert ours.number in html
    assert theirs.number not in html
    assert looks()[0].detail["records"] == [ours.pk]


def test_the_people_recorded_last_come_first(client: Client, investigator: User) -> None:
    made = [child_of(a_case(children=[a_child("Rhys", "Calloway")])).pk for _ in range(3)]
    assert who(page(client, "Calloway")) == made[::-1]


@pytest.mark.parametrize(("number", "told"), [(50, "50 people"), (51, "More than 50 people: add another name")])
def test_of_very_many_people_fifty_are_shown_and_it_is_said(
    client: Client, investigator: User, number: int, told: str
) -> None:
    for first in range(0, number, 10):
        a_case(children=[a_child(f"Nr{each}", "Vennables") for each in range(first, min(first + 10, number))])
    assert Person.objects.filter(family_name="Vennables").count() == number
    html = page(client, "Vennables")
    assert len(who(html)) == 50
    assert heading(html, "people") == told
    assert who(page(client, "Vennables Nr7")) == list(
        Person.objects.filter(given_names="Nr7").values_list("pk", flat=True)
    )


# --- by address ----------------------------------------------------------------------------------


def test_an_address_is_found_by_parts_of_it_with_who_lives_there(client: Client, investigator: User) -> None:
    address = "22 Tidewell House, London N17 0ZZ"
    case = a_case(children=[a_child("Rhys", address=address), a_child("Tia", address=address)])
    a_case(children=[a_child("Nia", address="23 Fore Court, London N9 0AA")])
    there = sorted(case.people.values_list("pk", flat=True))
    parts = ("22 tidewell", "Tidewell House", "N17 0ZZ", "22, TIDEWELL HOUSE; London", "house n17", "Tidewell-House")
    for typed in parts:
        found = {place: sorted(people) for place, people in places(page(client, typed)).items()}
        assert found == {address: there}, typed


def test_who_moved_away_is_still_told_at_the_old_address(client: Client, investigator: User) -> None:
    said = a_child("Rhys", "Calloway", address="22 Tidewell House")
    child = child_of(a_case(children=[said]))
    a_case(children=[replace(said, same_as=child.pk, address="9 Fore Court")])
    assert places(page(client, "Tidewell")) == {"22 Tidewell House": [child.pk]}
    assert places(page(client, "Fore Court")) == {"9 Fore Court": [child.pk]}


def test_at_an_address_of_two_teams_only_our_people_are_told(client: Client, investigator: User) -> None:
    address = "22 Tidewell House, London N17 0ZZ"
    ours = child_of(a_case(children=[a_child("Rhys", "Calloway", address=address)]))
    theirs = child_of(a_case(a_team("BRN"), children=[a_child("Nia", "Vellacott", address=address)]))
    html = page(client, "Tidewell")
    assert places(html) == {address: [ours.pk]}
    assert "Vellacott" not in html
    assert looks()[-1].detail["people"] == [ours.pk]
    signed_in(client, Role.COMMAND)
    assert sorted(places(page(client, "Tidewell"))[address]) == sorted([ours.pk, theirs.pk])


def test_an_address_lacking_one_of_the_words_is_not_found(client: Client, investigator: User) -> None:
    a_case(children=[a_child("Rhys", "Calloway", address="22 Tidewell House")])
    assert NOTHING in page(client, "23 Tidewell House")
    assert NOTHING in page(client, "Tidewell Court")


def test_of_very_many_addresses_twenty_are_shown(client: Client, investigator: User) -> None:
    for first in range(0, 30, 10):
        a_case(children=[a_child(address=f"{number + 1} Tidewell House") for number in range(first, first + 10)])
    assert len(places(page(client, "Tidewell House"))) == 20


# --- what is refused, and what is odd ------------------------------------------------------------


def test_words_too_short_to_be_looked_up_are_refused_in_a_sentence(client: Client, investigator: User) -> None:
    a_case(children=[a_child("Li", "Wu")])
    for typed in ("Li", "Å", ",", ",,, ,", "Li,"):
        html = page(client, typed)
        assert TOO_SHORT in html, typed
        assert NOTHING not in html, typed
        assert f'value="{typed}"' in html
        assert looks() == [], typed


def test_somebody_whose_names_are_short_is_found_by_both(client: Client, investigator: User) -> None:
    child = child_of(a_case(children=[a_child("Li", "Wu")]))
    assert f"/people/{child.pk}/" in page(client, "Li Wu")


def test_where_nothing_is_asked_the_page_says_what_can_be(client: Client, investigator: User) -> None:
    a_case()
    for typed in ("", " ", " \t\r\n ", "\u3000\u00a0"):
        html = page(client, typed)
        assert NOTHING_ASKED in html, repr(typed)
        assert NOTHING not in html, repr(typed)
        assert looks() == [], repr(typed)
    assert NOTHING_ASKED in unescape(client.get(HERE).content.decode())


ODD = [
    "🙂🙂🙂",
    "👨‍👩‍👧‍👦 family",
    "%%%",
    "___",
    "Under%ll",
    "Und_rhill",
    "\\\\\\",
    "Under\\hill",
    "'''",
    '"""',
    "'; DROP TABLE people_person; --",
    "Robert'); --",
    "{{ 7|add:7 }}",
    "<script>alert(1)</script>",
    "\u202elliherdnU",
    "\u200b\u200b\u200b",
    "\u2066\u2069",
    "ﷺﷺﷺ",
    "ßßßß",
    "🙂/10",
    "٠٥٩٨/٠٩",
    "０００１/１０",
    "١٢٣",
    "１２３",
    "²³¹",
    "-1",
    "+447700900123",
    "\ufffd\ufffd\ufffd",
    "(((",
    "[a-z]*",
    "Und.*ll",
    "null",
    "None None",
]


def test_odd_words_find_nobody_and_break_nothing(client: Client, investigator: User) -> None:
    a_case(children=[a_child("Percival", "Underhill", address="22 Tidewell House")])
    found = {}
    for typed in ODD:
        html = page(client, typed)
        found[typed] = (who(html), places(html), numbers(html))
    assert {typed: each for typed, each in found.items() if any(each)} == {}


def test_what_was_typed_is_shown_as_text_and_never_as_a_tag(client: Client, investigator: User) -> None:
    typed = "<script>alert(1)</script>\"' onfocus=x"
    html = raw_page(client, typed)
    assert "<script>alert" not in html
    assert "“&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27; onfocus=x”" in html


def test_a_percent_sign_and_a_quote_in_a_name_are_found_as_they_are(client: Client, investigator: User) -> None:
    child = child_of(a_case(children=[a_child("Maeve 100%_real", "O'Hara\\Quill")]))
    for typed in ("100%_real", "o'hara", "O’HARA", "hara\\quill", "O'Hara\\Quill, Maeve"):
        assert who(page(client, typed)) == [child.pk], typed


def test_very_many_characters_are_cut_and_looked_up(client: Client, investigator: User) -> None:
    child = child_of(a_case(children=[a_child("Rhys", "Calloway")]))
    assert who(page(client, "Calloway".ljust(100, " ") + "Vellacott")) == []
    html = page(client, "vqkzjw" * 900)
    assert NOTHING in html
    assert f'value="{("vqkzjw" * 900)[:100]}"' in html
    assert who(page(client, " ".join(["calloway"] * 11) + " xyz")) == [child.pk]
    assert client.get(HERE, {"q": " ".join(["abc"] * 1000)}).status_code == 200


def test_a_nul_byte_is_refused(client: Client, investigator: User) -> None:
    assert client.get(HERE + "?q=Callo%00way").status_code == 400
    assert looks() == []


def test_halves_of_characters_find_nothing(client: Client, investigator: User) -> None:
    a_case(children=[a_child("Rhys", "Calloway")])
    for typed in ("%ED%A0%80calloway", "%FF%FE%FD", "calloway%C3"):
        answer = client.get(f"{HERE}?q={typed}")
        assert answer.status_code == 200
        assert who(unescape(answer.content.decode())) == []


def test_of_two_questions_in_one_address_the_last_is_answered(client: Client, investigator: User) -> None:
    child = child_of(a_case(children=[a_child("Rhys", "Calloway")]))
    assert who(unescape(client.get(f"{HERE}?q=xyzzy&q=calloway").content.decode())) == [child.pk]


# --- who may, what is logged, what it costs ------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_may_open_no_records_searches_none(client: Client, role: Role) -> None:
    signed_in(client, role)
    a_case(children=[a_child("Rhys", "Calloway")])
    assert client.get(HERE, {"q": "Calloway"}).status_code == 403


def test_the_page_only_answers_questions(client: Client, investigator: User) -> None:
    assert client.post(HERE, {"q": "Calloway"}).status_code == 405


def test_whom_a_search_found_is_logged_and_the_words_are_not(client: Client, investigator: User) -> None:
    address = "22 Tidewell House"
    exact = a_case(children=[a_child("Rhys", "Calloway", address=address)])
    alike = a_case(children=[a_child("Rhys", "Callowey")])
    at_home = a_case(children=[a_child("Tia", "Brannock", address=address)])
    a_case(a_team("BRN"), children=[a_child("Rhys", "Calloway")])
    html = page(client, "Rhys Calloway")
    assert (who(html), who(html, "alike")) == ([child_of(exact).pk], [child_of(alike).pk])
    page(client, "Tidewell")
    page(client, "Xyzzy Plugh")
    page(client, "Li")
    first, second, third = looks()
    assert first.detail == {
        "people": sorted([child_of(exact).pk, child_of(alike).pk]),
        "records": sorted([exact.pk, alike.pk]),
    }
    assert second.detail == {"people": sorted([child_of(exact).pk, child_of(at_home).pk]), "records": []}
    assert third.detail == {"people": [], "records": []}
    assert {(each.by_id, each.how, each.object_id, each.team_id) for each in looks()} == {
        (investigator.pk, "page", None, a_team().pk)
    }
    everything = json.dumps([[each.detail, each.reason, each.object_type] for each in AccessLog.objects.all()])
    for word in ("rhys", "calloway", "tidewell", "xyzzy", "plugh"):
        assert word not in everything.lower()


def asks(client: Client, typed: str) -> int:
    """How many questions a search puts to the database, once everything is warm."""
    client.get(HERE, {"q": typed})
    with CaptureQueriesContext(connection) as asked:
        client.get(HERE, {"q": typed})
    return len(asked)


def test_questions_to_the_database_do_not_grow_with_what_is_found(client: Client, investigator: User) -> None:
    def more(number: int) -> None:
        for each in range(number):
            said = a_child(f"Rhys {each}", "Calloway", address=f"{each + 1} Tidewell House")
            child = child_of(a_case(children=[said]))
            a_case(children=[replace(said, same_as=child.pk, given_names=f"Reece {each}")])
            a_case(children=[a_child("Rhys", "Callowey", address=f"{each + 1} Tidewell House")])

    more(2)
    few = [asks(client, typed) for typed in ("Calloway", "Tidewell")]
    more(20)
    assert len(who(page(client, "Calloway"))) == 22
    assert [asks(client, typed) for typed in ("Calloway", "Tidewell")] == few
    assert max(few) <= 30


def test_questions_to_the_database_do_not_grow_with_the_names_that_are_alike(
    client: Client, investigator: User
) -> None:
    a_case(children=[a_child("Rhys", "Callowey")])
    few = asks(client, "Rhys Calloway")
    for _ in range(4):
        a_case(children=[a_child("Rhys", "Callowey")])
    assert len(who(page(client, "Rhys Calloway"), "alike")) == 5
    assert asks(client, "Rhys Calloway") == few


def test_questions_do_not_grow_with_the_records_of_one_number(client: Client) -> None:
    for year in (2006, 2007):
        raised_in(year)
    signed_in(client, Role.INVESTIGATOR)
    few = asks(client, "1")
    for year in (2005, 2008, 2009, 2010):
        raised_in(year)
    move_time_to(NOW)
    assert len(numbers(page(client, "1"))) == 6
    assert asks(client, "1") == few


def test_what_cannot_be_searched_is_told_as_an_error_with_the_words_to_change(
    client: Client, investigator: User
) -> None:
    html = page(client, "Ca")
    assert f'<p class="cait-empty" role="alert">{TOO_SHORT}</p>' in html
    assert "<title>Error: Ca: search" in html
    assert 'aria-label="Search again"' in html
    a_case(children=[a_child("Rhys", "Calloway")])
    html = page(client, "Calloway")
    assert "Error:" not in html
    assert 'aria-label="Search again"' not in html
