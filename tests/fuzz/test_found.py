from collections.abc import Iterator

import pytest

from tests.fuzz.found import FOUND, Found
from tests.fuzz.victim import Victim, size_of


@pytest.fixture(scope="module")
def victim() -> Iterator[Victim]:
    with Victim() as started:
        yield started


@pytest.mark.parametrize("found", FOUND, ids=lambda one: one.name)
def test_what_did_harm_once_does_none_any_more(victim: Victim, found: Found) -> None:
    verdict = victim.try_out(found.target, found.given)

    assert verdict.objection(size_of(found.given)) == ""
