"""The long form, ``python -m tests.fuzz MINUTES [TARGET ...]``: inputs that no run has tried.

What does harm is printed and kept under ``.cache/fuzz``, and belongs into ``found.py`` once it
is mended. Ends with 1 if there was any.
"""

import hashlib
import pickle
import secrets
import sys
import time
from pathlib import Path

from tests.fuzz.inputs import STRATEGIES
from tests.fuzz.trying import HarmError, tries
from tests.fuzz.victim import Victim

_KEPT = Path(".cache/fuzz")
_EXAMPLES = 300


def main(minutes: float, targets: list[str]) -> int:
    """Try inputs out for so long, and return how many different harms were found."""
    until = time.monotonic() + minutes * 60
    harms: set[tuple[str, str]] = set()
    rounds = 0
    with Victim() as victim:
        while time.monotonic() < until:
            for target in targets:
                by_seed = secrets.randbits(32)
                try:
                    tries(victim, target, examples=_EXAMPLES, by_seed=by_seed)
                except HarmError as harm:
                    _keep(harm, by_seed, harms)
            rounds += 1
            _say(
                f"{rounds * _EXAMPLES} inputs of each of {len(targets)} targets: {len(harms)} harms"
            )
    return len(harms)


def _keep(harm: HarmError, by_seed: int, harms: set[tuple[str, str]]) -> None:
    what = harm.objection.strip().splitlines()[-1][:120]
    if (harm.target, what) in harms:
        return
    harms.add((harm.target, what))
    content = pickle.dumps((harm.target, harm.given))
    _KEPT.mkdir(parents=True, exist_ok=True)
    path = _KEPT / f"{harm.target}-{hashlib.sha256(content).hexdigest()[:12]}.pickle"
    path.write_bytes(content)
    _say(f"{harm.target} (seed {by_seed}, kept as {path}): {harm.objection}")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a tool of developers talks to its terminal


if __name__ == "__main__":
    sys.exit(min(main(float(sys.argv[1]), sys.argv[2:] or list(STRATEGIES)), 1))
