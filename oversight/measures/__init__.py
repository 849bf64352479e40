"""Every measure, defined once: what is counted, in words and in SQL. Pages, lists, papers, workbooks and the API read
nothing else."""

from __future__ import annotations

from hashlib import sha256

from oversight.measures import closing, conferences, partners, punctual, quality, records, referrals, risk
from oversight.measures.measure import Measure

__all__ = ["BESIDE", "BY_CODE", "IN_ROWS", "MEASURES", "Measure", "digest"]

MEASURES: tuple[Measure, ...] = (
    *referrals.MEASURES,
    *partners.MEASURES,
    *punctual.MEASURES,
    *risk.MEASURES,
    *conferences.MEASURES,
    *records.MEASURES,
    *closing.MEASURES,
    *quality.MEASURES,
)

BY_CODE: dict[str, Measure] = {each.code: each for each in MEASURES}

# Those that have a row on the dashboards; and by code those that stand beside each of them.
IN_ROWS: tuple[Measure, ...] = tuple(each for each in MEASURES if not each.beside)
BESIDE: dict[str, tuple[Measure, ...]] = {
    main.code: tuple(each for each in MEASURES if each.beside == main.code) for main in IN_ROWS
}


def digest() -> str:
    """Of what is counted: another where a version of CAIT counts otherwise than the one before."""
    return sha256("\n".join(f"{each.code} {each.period} {each.sql}" for each in MEASURES).encode()).hexdigest()
