"""Whose a record was when something happened on it: what one team did stays in its figures when another team has the
record by now."""

from __future__ import annotations


def team_at(case: str, at: str, *, otherwise: str) -> str:
    """The SQL of the team (id) that a record was with at a moment, by its field history; before it was raised, the
    team that raised it. `case`, `at`, `otherwise`: SQL of the record's id, of the moment, and of the team where there
    is no history at all.

    Where that comes from another table than what is counted, both are narrowed to `%(cases)s`: of a table that is
    only joined PostgreSQL would read every row, a million for two thousand.
    """
    return f"""COALESCE((
        SELECT w.team_id FROM cases_historicalcase w WHERE w.id = {case} AND w.history_date <= {at}
        ORDER BY w.history_date DESC, w.history_id DESC LIMIT 1
    ), (
        SELECT w.team_id FROM cases_historicalcase w WHERE w.id = {case}
        ORDER BY w.history_date, w.history_id LIMIT 1
    ), {otherwise})"""
