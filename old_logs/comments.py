"""The comments that are pinned to cells of an Excel workbook, which what reads its values does not give. As
`old_logs.sheets`, it is run in a process of its own, and imports nothing of CAIT."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

# A desk writes some; a file that was made to fill a machine has millions.
MOST = 50_000
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.A)


def comments_of(file: Path) -> dict[str, dict[int, list[str]]]:
    """The comments of each sheet by its name and by row, from 1. Raises what a damaged file raises."""
    found: dict[str, dict[int, list[str]]] = {}
    with zipfile.ZipFile(file) as packed:
        names = set(packed.namelist())
        if not any("comments" in name.lower() for name in names):
            return found
        sheets = {each.called: each.part for each in _related(packed, names, "xl/workbook.xml")}
        for sheet in ElementTree.fromstring(packed.read("xl/workbook.xml")).iter():  # noqa: S314  # expat counts entities
            part = next((sheets[called] for called in sheet.attrib.values() if called in sheets), "")
            if _name(sheet) != "sheet" or not part:
                continue
            rows = found.setdefault(sheet.attrib.get("name", ""), {})
            for other in _related(packed, names, part):
                if other.kind.endswith("/comments") and other.part in names:
                    for row, words in _said(packed.read(other.part)):
                        rows.setdefault(row, []).append(words)
    return found


def _said(content: bytes) -> Iterator[tuple[int, str]]:
    """Each comment with the row of its cell."""
    comments = (each for each in ElementTree.fromstring(content).iter() if _name(each) == "comment")  # noqa: S314
    for number, comment in enumerate(comments):
        at = _CELL.fullmatch(comment.attrib.get("ref", ""))
        words = "".join(each.text or "" for each in comment.iter() if _name(each) == "t").strip()
        if number < MOST and at and words:
            yield int(at[2]), f"Comment on cell {at[0]}: {words}"


class _Related(NamedTuple):
    """A part to which another refers: what it is called there, its kind and its path."""

    called: str
    kind: str
    part: str


def _related(packed: zipfile.ZipFile, names: set[str], part: str) -> list[_Related]:
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    rows = ElementTree.fromstring(packed.read(path)) if path in names else ()  # noqa: S314
    return [
        _Related(
            each.attrib.get("Id", ""),
            each.attrib.get("Type", ""),
            posixpath.normpath(posixpath.join(folder, each.attrib.get("Target", ""))).lstrip("/"),
        )
        for each in rows
    ]


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
