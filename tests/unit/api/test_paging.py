import uuid

import pytest

from flowyard_api.dependencies.paging import InvalidCursorError, Paging
from flowyard_api.models.projects import SecretView
from flowyard_api.models.shapes import Page
from tests.support.api import now


def _page(names: list[str], limit: int) -> Page[SecretView]:
    return Paging(cursor=None, limit=limit).page(
        names, lambda name: SecretView(name=name, actor="ops", updated_at=now()), lambda name: name
    )


def test_a_full_page_without_a_further_item_is_the_last() -> None:
    assert _page(["a", "b"], 2).next_cursor is None


def test_a_cursor_leads_behind_the_last_item_that_was_shown() -> None:
    page = _page(["a", "b", "c"], 2)

    assert [one.name for one in page.items] == ["a", "b"]
    assert Paging(cursor=page.next_cursor, limit=2).after_text() == "b"


@pytest.mark.parametrize("cursor", ["", "x", "!!!!", "bnVsbA==", "W10=", "W3t9XQ==", "é"])
def test_what_no_page_gave_is_no_cursor(cursor: str) -> None:
    with pytest.raises(InvalidCursorError):
        Paging(cursor=cursor, limit=1).after_text()


def test_a_cursor_of_another_list_is_no_cursor() -> None:
    names = _page(["a", "b"], 1).next_cursor
    place = uuid.UUID(int=7)
    ids = Paging(cursor=None, limit=1).page(
        [1, 2], lambda _: SecretView(name="", actor="", updated_at=now()), lambda _: place
    )

    assert Paging(cursor=ids.next_cursor, limit=1).after_id() == place
    with pytest.raises(InvalidCursorError):
        Paging(cursor=names, limit=1).after_id()
    with pytest.raises(InvalidCursorError):
        Paging(cursor=names, limit=1).after_number()


def test_a_place_of_several_parts_may_hold_the_mark_between_them_in_the_first() -> None:
    page = Paging(cursor=None, limit=1).page(
        [1, 2], lambda _: SecretView(name="", actor="", updated_at=now()), lambda _: "a|b|7"
    )

    assert Paging(cursor=page.next_cursor, limit=1).after_parts(2) == ["a|b", "7"]
    assert Paging(cursor=None, limit=1).after_parts(2) is None
    with pytest.raises(InvalidCursorError):
        Paging(cursor=page.next_cursor, limit=1).after_parts(4)
