"""The kinds of flows of a run."""

import random

from tests.chaos import waiting_flows, working_flows
from tests.chaos.oracle import Drawn

SHARED = waiting_flows.CHILD
"""What others need published before them."""

KINDS = (*working_flows.KINDS, *waiting_flows.KINDS)


def draw(chance: random.Random, number: int, seed: int) -> Drawn:
    """Return one more instance of some kind, with a tag that no other has."""
    return chance.choice(KINDS).draw(chance, f"{seed}-{number}")
