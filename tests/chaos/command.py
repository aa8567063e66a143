"""``python -m tests.chaos.command``: a run by hand, as long as wanted."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.arena import Arena, Programs
from tests.chaos.outside import Outside
from tests.chaos.run import ChaosRun, Plan, Report, keep
from tests.support.kafka import jars
from tests.support.postgres15 import binaries
from tests.support.processes import end_when_asked

MINUTES = 30.0
RATE = 5.0


def run_plan(plan: Plan, programs: Programs, *, kept: Path | None = None) -> Report:
    """Build an arena, drive it through a plan, and take it down again.

    Parameters
    ----------
    kept
        Where the data and logs of a run with findings are copied to.
    """
    with tempfile.TemporaryDirectory(prefix="flowyard-chaos-") as scratch:
        folder = Path(scratch)
        # Postgres runs as another user, who has to come through.
        folder.chmod(0o711)
        with Outside() as outside, Arena(folder, programs, minutes=plan.seconds / 60) as arena:
            report = ChaosRun(arena, outside, plan).run()
            if report.findings and kept is not None:
                keep(folder, kept)
    return report


def main() -> int:
    """Run, print what came of it, and fail when something does not add up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="repeats a schedule")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of load and faults")
    parser.add_argument("--rate", type=float, default=RATE, help="instances per second")
    parser.add_argument("--keep", type=Path, default=None, help="where data stays on findings")
    given = parser.parse_args()
    end_when_asked()
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    sys.stdout.write(f"seed {seed}\n")
    sys.stdout.flush()
    plan = Plan(seed=seed, seconds=given.minutes * 60, rate=given.rate)
    report = run_plan(plan, Programs(kafka=jars(), postgres=binaries()), kept=given.keep)
    sys.stdout.write(f"{report.complaint() if report.findings else report.summary()}\n")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
