import pytest

from flowyard.storage.queries import load_queries, parse_queries


def test_statements_are_found_by_their_names() -> None:
    found = parse_queries("-- a --\n-- Says one.\nSELECT 1\n\n-- b_c --\nSELECT 2\n")

    assert found == {"a": "-- Says one.\nSELECT 1", "b_c": "SELECT 2"}


def test_a_name_that_is_used_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        parse_queries("-- a --\nSELECT 1\n-- a --\nSELECT 2\n")


def test_every_statement_of_the_gateway_has_a_sentence_above_it() -> None:
    for text in load_queries("gateway").values():
        assert text.startswith("-- ")
