"""What `make bench` compares the pages with: a floor that is too high would let a slow page pass."""

from __future__ import annotations

import pytest

from tests.bench.floors import Statement, count, texts, with_ids, without


def statements(*told: str) -> list[Statement]:
    return [Statement(each) for each in told]


def test_what_the_empty_page_asks_too_is_left_out_once() -> None:
    page = statements("SELECT 1 FROM a WHERE id = 7", "SELECT 1 FROM a WHERE id = 8", "SELECT 2 FROM b")
    left = without(page, statements("SELECT 1 FROM a WHERE id = 9"))
    assert [each.text for each in left] == ["SELECT 1 FROM a WHERE id = 8", "SELECT 2 FROM b"]


def test_what_no_floor_asks_stays() -> None:
    page = statements("BEGIN", "INSERT INTO log VALUES (1)", "COMMIT")
    assert without(page, statements("SELECT 1")) == page


def test_transactions_are_replayed_and_not_counted() -> None:
    page = statements("BEGIN", 'SAVEPOINT "s1"', "SELECT 1", 'RELEASE SAVEPOINT "s1"', "COMMIT")
    assert texts(page) == [each.text for each in page]
    assert count(page) == 1


def test_a_new_row_gets_the_id_that_it_got_before() -> None:
    insert = Statement('INSERT INTO "cases_entry" ("title") VALUES (\'x\') RETURNING "cases_entry"."id"', ids=[42])
    (again,) = with_ids([insert])
    assert again.startswith('INSERT INTO "cases_entry" ("id", "title") VALUES (42, \'x\')')


def test_what_cannot_be_replayed_is_told() -> None:
    with pytest.raises(RuntimeError, match="Nobody knows"):
        with_ids([Statement('INSERT INTO "t" ("a") VALUES (1), (2) RETURNING "t"."id"', ids=[1])])


def test_rows_that_are_made_together_get_their_ids_each() -> None:
    text = """INSERT INTO "t" ("a", "b") VALUES ('T''a), (', now(1)), ('(', DEFAULT) RETURNING "t"."id", "t"."b\""""
    (again,) = with_ids([Statement(text, ids=[7, 8])])
    assert again == (
        """INSERT INTO "t" ("id", "a", "b") VALUES (7, 'T''a), (', now(1)), (8, '(', DEFAULT) """
        """RETURNING "t"."id", "t"."b\""""
    )
