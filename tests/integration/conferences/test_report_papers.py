"""The papers of a police report: each recipient reads what is theirs, and nothing else is anywhere in their file."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from audit.events import Look
from audit.models import AccessLog
from cases.actions import assign_case
from conferences.actions import change_item, decide_attendance, keep_from
from conferences.enums import Attending, Paper, RecipientKind, Section, Sharing
from conferences.models import Copy, Report
from conferences.report_papers import drawn, speaking_note
from conferences.report_queries import goes_to, items_of, recipients_of
from deadlines.clock import LONDON
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_review
from tests.factories.reports import (
    a_prepared_conference,
    a_recipient,
    a_report,
    a_whole_report,
    an_item,
    endorsed,
    sent,
    submit_report,
)
from tests.factories.team import an_officer
from tests.integration.cram.test_pdf import every_tag, words_of
from tests.papers import wrong_with
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
WHY = "Xerxesreason would show who told us"


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


def system() -> User:
    return User.objects.system()


def a_report_with_secrets(*, review: bool = False) -> Report:
    """Something of each kind in each half of the report; each secret has a word that stands nowhere else."""
    conference = a_prepared_conference(review=review, chair="Ms P Quill")
    father = a_recipient(conference)
    a_recipient(conference, "Ms A Adeyemi, head teacher", kind=RecipientKind.PROFESSIONAL)
    report = a_whole_report(conference)
    for section in (Section.CHRONOLOGY, Section.INTELLIGENCE, Section.RISK):
        name = section.value
        said: dict[str, Any] = {"section": section, "source": f"Zsource-open-{name}"}
        an_item(report, f"Open-{name} is for everybody.", **said)
        secret: dict[str, Any] = {"section": section, "source": f"Xerxessource-{name}", "why": WHY}
        an_item(report, f"Xerxeswithheld-{name} is secret.", **secret, sharing=Sharing.WITHHELD)
        for_chair: dict[str, Any] = {"section": section, "source": f"Quillsource-{name}", "why": WHY}
        an_item(report, f"Quillonly-{name} is for the chair.", **for_chair, sharing=Sharing.CHAIR_ONLY)
        kept = an_item(report, f"Notstroud-{name} is not for him.", section=section, source=f"Notstroudsource-{name}")
        keep_from(kept, kept={father.pk: "Xerxesreason he must not find her"}, by=system())
        left = an_item(report, f"Xerxesleft-{name} is of no use.", section=section, source="Xerxesleftsource")
        change_item(left, left_out=True, by=system())
    return report


def _written() -> Report:
    move_time_to(NOW)
    return a_report_with_secrets()


def _sent() -> tuple[Report, list[Copy]]:
    report = endorsed(submit_report(_written(), by=system()))
    return report, sent(report)


@pytest.fixture(scope="module")
def built_report(shared: Shared) -> Report:
    return shared(_written)


@pytest.fixture
def report(built_report: Report) -> Report:
    """With secrets, and not sent for endorsement yet."""
    return own(built_report)


@pytest.fixture(scope="module")
def built_copies(shared: Shared) -> tuple[Report, list[Copy]]:
    return shared(_sent)


@pytest.fixture
def sent_report(built_copies: tuple[Report, list[Copy]]) -> tuple[Report, list[Copy]]:
    """With secrets, endorsed and sent; and its copies."""
    return own(built_copies)


NEVER = ("Xerxes",)
FOR_CHAIR, NOT_FOR_FATHER = "Quillonly", "Notstroud"


def everything_in(pdf: bytes) -> str:
    """All that can be read of a file: its words as a reader shows them, and each of its objects with its streams
    taken apart, in every writing that a PDF knows."""
    reader = PdfReader(BytesIO(pdf))
    found = [page.extract_text() for page in reader.pages] + [str(reader.metadata)]
    for number in range(1, int(reader.trailer["/Size"])):  # type: ignore[call-overload]
        found += list(_texts(reader.get_object(number)))
    raw = pdf.decode("latin-1")
    return "\n".join([*found, raw])


def _texts(each: Any) -> Any:
    if isinstance(each, StreamObject):
        data = each.get_data()
        yield data.decode("latin-1") if isinstance(data, bytes) else str(data)
        yield data.decode("utf-16-be", "ignore") if isinstance(data, bytes) else ""
        for line in re.findall(rb"<([0-9A-Fa-f]+)>", data if isinstance(data, bytes) else b""):
            yield bytes.fromhex(line.decode().ljust(len(line) + len(line) % 2, "0")).decode("latin-1")
    if isinstance(each, DictionaryObject):
        for name, value in each.items():
            yield str(name)
            if isinstance(value, DictionaryObject | ArrayObject):
                yield str(value)
            else:
                yield str(value)
    elif isinstance(each, ArrayObject):
        yield str(each)


def test_what_is_withheld_or_kept_from_somebody_is_nowhere_in_their_files(
    sent_report: tuple[Report, list[Copy]],
) -> None:
    report, papers = sent_report
    chair, father, school = recipients_of(report.conference)
    copies = {(copy.recipient, Paper(copy.paper)): bytes(copy.pdf) for copy in papers}
    assert set(copies) == {
        (chair, Paper.REPORT),
        (chair, Paper.ANNEX),
        (father, Paper.REPORT),
        (school, Paper.REPORT),
    }
    words = {each: words_of(pdf) for each, pdf in copies.items()}
    for section in ("chronology", "intelligence", "risk"):
        for recipient in (chair, father, school):
            assert f"Open-{section} is for everybody. [Zsource-open-{section}]" in words[recipient, Paper.REPORT]
        assert f"Quillonly-{section} is for the chair." in words[chair, Paper.ANNEX]
        for recipient in (chair, school):
            assert f"Notstroud-{section}" in words[recipient, Paper.REPORT]
    for (recipient, what), pdf in copies.items():
        there = everything_in(pdf)
        secret = [*NEVER, "Quillsource", FOR_CHAIR] if what == Paper.REPORT else [*NEVER, "Open-", NOT_FOR_FATHER]
        if recipient == father:
            secret += [NOT_FOR_FATHER]
        for word in secret:
            assert word not in there, (recipient, what, word)
        # That something is kept is not told either.
        assert "withheld" not in there.lower()
        assert "left out" not in there.lower()


def test_a_file_is_the_same_byte_for_byte_whatever_is_withheld(report: Report) -> None:
    """Words on a page are written as numbers of letters: that none of them is there is seen where two secrets that
    differ make no other file."""
    _, father, _ = recipients_of(report.conference)

    def file() -> bytes:
        (goes,) = goes_to(items_of(report), [father])
        return drawn(report, goes, Paper.REPORT, printed_by=system())

    before = file()
    secrets = [item for item in items_of(report) if item.sharing != Sharing.SHARED or item.not_for or item.left_out]  # type: ignore[attr-defined]
    assert len(secrets) == 12
    for item in secrets:
        change_item(
            item, text="Something else altogether, and longer", source="Who", happened_on=NOW.date(), by=system()
        )
    assert file() == before
    # And the other way round: a word that he may read makes another file.
    open_to_all = next(item for item in items_of(report) if item.text.startswith("Open-risk"))
    change_item(open_to_all, text="Open-risk is greater.", source="", by=system())
    assert file() != before


def test_each_sheet_is_marked_twice_numbered_and_says_whose_copy_it_is() -> None:
    conference = a_prepared_conference()
    a_recipient(conference)
    report = a_whole_report(conference)
    for number in range(25):
        an_item(report, f"Incident {number}: " + "he was seen near the school again. " * 12)
    report = endorsed(submit_report(report, by=system()))
    for copy in sent(report):
        pdf = PdfReader(BytesIO(copy.pdf))
        for number, sheet in enumerate(pdf.pages, 1):
            words = re.sub(r"\s+", " ", sheet.extract_text())
            assert words.count(settings.PROTECTIVE_MARKING) == 2
            assert f"Copy {copy.number}, for {copy.recipient}." in words
            assert f"Page {number} of {len(pdf.pages)}" in words
        assert len(pdf.pages) > 2


def test_facts_stand_apart_from_opinion_and_each_paper_is_tagged(sent_report: tuple[Report, list[Copy]]) -> None:
    report, papers = sent_report
    assert [wrong_with(bytes(copy.pdf)) for copy in papers] == [[]] * len(papers)
    first, annex, *_ = (PdfReader(BytesIO(copy.pdf)) for copy in papers)
    words = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in first.pages))
    order = [words.index(each) for each in ("Facts", "What police know", "Opinion", "What puts the children at risk")]
    assert order == sorted(order)
    assert "It is not endorsed" not in words
    assert f"Endorsed by: {report.endorsed_by}, 10 March 2010" in words
    for pdf, title in ((first, "Police report"), (annex, "Confidential annex to the police report")):
        root: Any = pdf.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"].value
        assert root["/Lang"] == "en-GB"
        assert root["/ViewerPreferences"]["/DisplayDocTitle"].value
        assert "pdfuaid" in root["/Metadata"].get_data().decode()
        assert pdf.metadata is not None
        assert str(pdf.metadata.title).startswith(f"{title} to the initial conference of 31 March 2010, copy ")
        in_order(pdf)


def in_order(pdf: PdfReader) -> None:
    """What a screen reader goes by: headings of which none leaves out a level, and lists of nothing but items."""
    root: Any = pdf.trailer["/Root"]
    tags = every_tag(root["/StructTreeRoot"])
    kinds = [str(tag.get("/S")) for tag in tags]
    assert {"/H1", "/H2", "/P"} <= set(kinds)
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    for tag in tags:
        below = {str(each.get("/S")) for each in children_of_tag(tag)}
        if tag.get("/S") == "/L":
            assert below == {"/LI"}
        else:
            assert "/LI" not in below


def children_of_tag(tag: Any) -> list[Any]:
    below = tag.get("/K", [])
    found = [each.get_object() for each in (below if isinstance(below, list) else [below])]
    return [each for each in found if isinstance(each, dict)]


def test_where_police_do_not_attend_the_report_asks_for_concerns_to_be_brought_to_the_sergeant() -> None:
    report = a_report_with_secrets(review=True)
    conference = report.conference
    asked = "Please bring any concern that arises at the conference to"

    def words() -> str:
        now = Report.objects.get(pk=report.pk)
        (goes, *_) = goes_to(items_of(now), recipients_of(conference))
        return words_of(drawn(now, goes, Paper.REPORT, printed_by=system()))

    assert "Police do not attend" not in words()
    assert "If nobody from the police is at this conference after all, please bring any concern" in words()
    why = "Nothing new since the last one"
    decide_attendance(conference, attending=Attending.REPORT_ONLY, why=why, by=an_officer(Role.SUPERVISOR))
    conference.refresh_from_db()
    by = endorsed(submit_report(report, by=system())).endorsed_by
    assert f"Police do not attend this conference. This report is sent instead. {asked} {by}" in words()
    sergeant = an_officer(Role.SUPERVISOR, name="Ellison")
    assign_case(conference.case, officer_in_case=None, supervisor=sergeant, by=system())
    assert f"{asked} {sergeant}" in words()


@pytest.mark.parametrize("longest", [False, True])
def test_the_speaking_note_is_one_sheet_and_names_nothing_that_must_not_be_said(
    longest: bool, rf: Any, report: Report
) -> None:
    if longest:
        for number in range(30):
            text = f"Incident {number} " + "WIDE WORDS OF MANY LETTERS " * 20
            an_item(report, text, [*Section][2 + number % 8], source="CAD", happened_on=NOW.date())
    pdf = speaking_note(report, items_of(report), printed_by=system(), request=rf.get("/"))
    sheets = PdfReader(BytesIO(pdf)).pages
    in_order(PdfReader(BytesIO(pdf)))
    words, there = words_of(pdf), everything_in(pdf)
    assert len(sheets) == 1
    assert "Level of risk" not in words  # nothing that may be said tells it
    assert (
        "Not to be said: 3 items are withheld; 3 items are for the chair only; 3 items are kept from somebody"
        in words
    )
    for word in ("Xerxes", FOR_CHAIR, NOT_FOR_FATHER, "Quillsource"):
        assert word not in there, word
    assert ("Not all of it stands here:" in words) == longest
    if not longest:
        for each in (
            "Main facts",
            "Open-chronology is for everybody.",
            "Risks",
            "Open-risk",
            "What police make of it",
        ):
            assert each in words, each


def test_papers_are_looked_at_by_those_who_write_them_and_each_look_is_a_print(
    client: Client, report: Report
) -> None:
    conference, case = report.conference, report.conference.case
    client.force_login(an_officer(Role.PCLO))
    here = [case.number, conference.number]
    _, father, _ = recipients_of(conference)

    def look(name: str, **asked: Any) -> Any:
        return client.get(reverse(f"conferences:{name}", args=here), asked)

    shown = words_of(look("preview", **{"for": father.pk}).content)
    assert "It is not endorsed and must not be given to anybody." in shown
    assert f"Not sent: only to look at, for {father}" in shown
    assert "Notstroud" not in shown
    assert "Quillonly-risk" in words_of(look("annex").content)
    assert look("speaking_note")["Content-Type"] == "application/pdf"
    assert {row.how for row in AccessLog.objects.filter(case_id=case.pk)} == {Look.PRINT}
    for wrong in ("0", "x", str(father.pk + 10**6)):
        assert look("preview", **{"for": wrong}).status_code == 404
    for wrong in ("9", "x", "-1", "99999"):
        assert look("preview", version=wrong).status_code == 404
    # Nor is there an annex where nothing is for the chair alone, or a paper where there is no report.
    other = a_report(a_conference(case))
    here = [case.number, other.conference.number]
    an_item(other)
    assert look("annex").status_code == 404
    here = [case.number, a_review(case).number]
    assert look("speaking_note").status_code == 404
    client.force_login(an_officer(Role.INVESTIGATOR))
    assert look("speaking_note").status_code == 403


def test_what_was_sent_is_given_back_byte_for_byte_whatever_has_become_of_it_since(
    client: Client, sent_report: tuple[Report, list[Copy]]
) -> None:
    report, copies = sent_report
    conference = report.conference
    client.force_login(an_officer(Role.PCLO))
    move_time_to(NOW + timedelta(hours=1))
    here = [conference.case.number, conference.number]
    answer = client.get(reverse("conferences:copy", args=[*here, 3]))
    assert answer.content == bytes(copies[2].pdf)
    assert "copy 3" in answer["Content-Disposition"]
    assert {row.how for row in AccessLog.objects.filter(case_id=conference.case_id)} == {Look.PRINT}
    assert client.get(reverse("conferences:copy", args=[*here, 9])).status_code == 404
