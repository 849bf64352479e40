"""What of PDF/UA another program finds wrong with a paper that CAIT drew."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pdfua import Confidence, PdfDocument, validate

# It stumbles over a heading of several pieces, and says that it did not look for empty ones.
CANNOT_LOOK = {"UA-14-001"}


def wrong_with(pdf: bytes) -> list[str]:
    """In words; empty where what it looks at is as PDF/UA asks: tags, language, title, pictures, tables, links."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "paper.pdf"
        file.write_bytes(pdf)
        report = validate(str(file))
        with PdfDocument.open(str(file)) as document:
            found = _cells_without_headers(document)
    not_looked = {each.rule_id for each in report.outcomes if each.skipped_reason} - CANNOT_LOOK
    found += [f"{rule} was not looked at" for rule in sorted(not_looked)]
    # What it only supposes is that a table needs scopes, whose cells name their headers: that is looked at above.
    return found + [each.message for each in report.findings if each.confidence != Confidence.HEURISTIC]


def _cells_without_headers(document: PdfDocument) -> list[str]:
    """Cells of a table that do not say under which headers they stand, by their ids (ISO 14289-1, 7.5)."""
    found = []
    for table in document.elements_with_role("/Table"):
        cells = [cell for row in document.table_rows(table) for cell in document.table_cells(row)]
        ids = {str(cell.obj["/ID"]) for cell in cells if cell.role == "/TH"}
        for cell in cells:
            tag: Any = cell.obj
            named = {str(each) for each in tag.get("/A", {}).get("/Headers", [])}
            if cell.role == "/TD" and not (named and named <= ids):
                found.append(f"A cell on page {cell.page} names no header of its table")
    return found
