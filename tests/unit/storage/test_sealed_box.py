import base64

import pytest

from flowyard.storage.sealed_box import BoxOpener, close_box
from flowyard.storage.sealing import InvalidKeyError, UnsealableError, new_key


def test_only_the_holder_of_the_key_opens_a_box() -> None:
    opener, other = BoxOpener(new_key()), BoxOpener(new_key())

    box = close_box(opener.public_key, "whsec_x")

    assert opener.open_box(box) == "whsec_x"
    with pytest.raises(UnsealableError):
        other.open_box(box)


def test_boxes_say_nothing_of_what_is_in_them() -> None:
    opener = BoxOpener(new_key())

    boxes = {close_box(opener.public_key, "whsec_x") for _ in range(3)}

    assert len(boxes) == 3
    assert not any(b"whsec" in base64.urlsafe_b64decode(box[5:]) for box in boxes)


def test_while_a_key_is_replaced_the_first_closes_and_all_open() -> None:
    old, new = new_key(), new_key()
    before = close_box(BoxOpener(old).public_key, 1)
    both = BoxOpener(f"{new}, {old}")

    after = close_box(both.public_key, 2)

    assert [both.open_box(before), both.open_box(after)] == [1, 2]
    assert BoxOpener(new).open_box(after) == 2


@pytest.mark.parametrize("place", [5, 40, 60, -3])
def test_a_box_that_was_changed_does_not_open(place: int) -> None:
    opener = BoxOpener(new_key())
    box = close_box(opener.public_key, "whsec_x")
    letter = "A" if box[place] != "A" else "B"
    changed = box[:place] + letter + box[place:][1:]

    with pytest.raises(UnsealableError):
        opener.open_box(changed)


@pytest.mark.parametrize("box", ["", "box1.", "box1.AAAA", "gAAAAAB", "box1.é"])
def test_what_is_no_box_does_not_open(box: str) -> None:
    with pytest.raises(UnsealableError):
        BoxOpener(new_key()).open_box(box)


def test_what_is_no_key_closes_nothing() -> None:
    with pytest.raises(InvalidKeyError):
        close_box("c2hvcnQ=", "x")
