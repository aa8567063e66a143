"""Fails when a test of JUnit reports was skipped: in continuous integration all of them count."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

MAY_BE_SKIPPED: dict[str, str] = {}
"""Tests that may be skipped, with the reason, keyed by ``<class name>::<name>``."""


def skipped_tests(report: Path) -> dict[str, str]:
    """Return why each skipped test was skipped, keyed by ``<class name>::<name>``.

    An expected failure (``xfail``) counts as run.
    """
    found: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314  # our own pytest wrote it
        mark = case.find("skipped")
        if mark is not None and mark.get("type") != "pytest.xfail":
            found[f"{case.get('classname')}::{case.get('name')}"] = mark.get("message", "")
    return found


def main() -> int:
    """Check the reports that the command line names; silent when nothing is wrong."""
    skipped: dict[str, str] = {}
    for report in sys.argv[1:]:
        skipped |= skipped_tests(Path(report))
    wrong = {name: why for name, why in skipped.items() if name not in MAY_BE_SKIPPED}
    for name, why in wrong.items():
        sys.stderr.write(f"skipped, but has to run: {name}: {why}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
