"""One form of fuzzing for tests, which repeats itself, and one that goes on and on."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.inputs import STRATEGIES
from tests.fuzz.victim import Victim, size_of


def tries(victim: Victim, target: str, *, examples: int, by_seed: int | None = None) -> None:
    """Try inputs of a target out, and raise with the first one that does harm.

    Parameters
    ----------
    examples
        How many inputs.
    by_seed
        Decides which inputs; None for the same ones always.
    """

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=by_seed is None,
        # A hang takes seconds to see: what is found is shown as it was, not made smaller.
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(STRATEGIES[target])
    def try_out(drawn: Any) -> None:
        objection = victim.try_out(target, drawn).objection(size_of(drawn))
        if objection:
            raise HarmError(target, drawn, objection)

    chosen: Callable[[], None] = try_out if by_seed is None else seed(by_seed)(try_out)
    chosen()


class HarmError(AssertionError):
    """Raised for an input that does harm."""

    def __init__(self, target: str, given: object, objection: str) -> None:
        super().__init__(f"{target}: {objection}\nInput: {given!r}")
        self.target = target
        self.given = given
        self.objection = objection
