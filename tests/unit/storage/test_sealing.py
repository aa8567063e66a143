import pytest

from flowyard.storage.sealing import InvalidKeyError, Sealer, UnsealableError, new_key


def test_a_sealed_value_comes_back_whole_and_is_not_in_the_token() -> None:
    sealer = Sealer(new_key())
    value = {"password": "correct horse", "port": 5432}

    token = sealer.seal(value)

    assert sealer.unseal(token) == value
    assert "correct" not in token


def test_during_a_rotation_both_keys_open_and_the_first_seals() -> None:
    old, new = new_key(), new_key()
    before = Sealer(old).seal("kept")

    rotating = Sealer(f"{new}, {old}")

    assert rotating.unseal(before) == "kept"
    assert Sealer(new).unseal(rotating.seal("fresh")) == "fresh"


@pytest.mark.parametrize("token", ["", "no token", "gAAAAA=="])
def test_what_no_key_opens_is_refused(token: str) -> None:
    with pytest.raises(UnsealableError):
        Sealer(new_key()).unseal(token)


@pytest.mark.parametrize("keys", ["", "short", f"{new_key()},"], ids=["none", "short", "open end"])
def test_a_key_that_is_none_is_refused_without_repeating_it(keys: str) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        Sealer(keys)

    assert "short" not in str(caught.value)
