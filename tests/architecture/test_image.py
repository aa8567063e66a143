"""What is in the image, and what is not."""

import re

from tests.support.project import ROOT
from tools.image_steps import DOCKERFILE, EXPECTATIONS, instructions, stages

TEXT = DOCKERFILE.read_text(encoding="utf-8")


def test_the_base_is_slim_and_pinned_to_a_python_and_a_debian() -> None:
    (base,) = [
        step.rest.partition("=")[2]
        for step in instructions(TEXT)
        if step.keyword == "ARG" and step.rest.startswith("PYTHON_IMAGE=")
    ]

    assert re.fullmatch(r"python:3\.\d+(\.\d+)?-slim-[a-z]+", base)


def test_both_stages_stand_on_the_same_base() -> None:
    bases = [step.rest.split()[0] for step in instructions(TEXT) if step.keyword == "FROM"]

    assert bases == ["${PYTHON_IMAGE}", "${PYTHON_IMAGE}"]


def test_nothing_is_installed_into_the_last_stage_but_what_the_first_has_made() -> None:
    last = stages(TEXT)[-1]

    assert [step.rest for step in last if step.keyword == "COPY"] == [
        "--from=build /opt/flowyard /opt/flowyard"
    ]
    assert [step.rest.split()[0] for step in last if step.keyword == "RUN"] == ["useradd"]


def test_the_environment_is_made_of_locked_packages_and_holds_no_installer() -> None:
    (run,) = [step.rest for step in stages(TEXT)[0] if step.keyword == "RUN"]

    assert 'PIP_CONSTRAINT="$PWD/constraints.txt"' in run
    assert 'PIP_BUILD_CONSTRAINT="$PWD/constraints.txt"' in run
    assert run.endswith("pip uninstall --yes setuptools pip")


def test_the_image_names_every_extra_that_it_can_be_built_with() -> None:
    listed = re.search(r"# One of: (.+)\.", TEXT)

    assert listed is not None
    assert set(listed[1].split(", ")) == set(EXPECTATIONS)


def test_its_user_owns_nothing_of_what_it_runs() -> None:
    order = [step.keyword for step in stages(TEXT)[-1]]

    assert "--chown" not in TEXT
    assert order.index("USER") > order.index("COPY")
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1] == "*"
