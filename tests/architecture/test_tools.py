from pathlib import Path

from tools.check_skips import skipped_tests
from tools.image_steps import environment_of_image, instructions, stages
from tools.large_files import LARGEST_KILOBYTES, large_files

REPORT = """\
<testsuites><testsuite>
  <testcase classname="tests.a" name="test_runs"/>
  <testcase classname="tests.a" name="test_is_skipped">
    <skipped type="pytest.skip" message="no Apache Kafka on this machine"/>
  </testcase>
  <testcase classname="tests.a" name="test_is_expected_to_fail">
    <skipped type="pytest.xfail" message="a gap of the fake"/>
  </testcase>
</testsuite></testsuites>
"""

DOCKERFILE = """\
ARG IMAGE=python
FROM ${IMAGE} AS build
RUN one \\
    # why
    && two
FROM ${IMAGE}
ENV PATH=/opt/bin:$PATH \\
    FLOWYARD_API_PORT=8080
"""


def test_a_skipped_test_is_found_and_an_expected_failure_is_not(tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text(REPORT)

    assert skipped_tests(report) == {
        "tests.a::test_is_skipped": "no Apache Kafka on this machine",
    }


def test_continued_lines_of_a_dockerfile_are_one_instruction() -> None:
    assert [step.keyword for step in instructions(DOCKERFILE)] == [
        "ARG", "FROM", "RUN", "FROM", "ENV",
    ]  # fmt: skip
    assert stages(DOCKERFILE)[0][0].rest == "one && two"


def test_the_environment_of_an_image_is_that_of_its_last_stage() -> None:
    assert environment_of_image(DOCKERFILE) == {
        "PATH": "/opt/bin:$PATH",
        "FLOWYARD_API_PORT": "8080",
    }


def test_only_files_over_the_limit_are_large(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"x" * 1024 * LARGEST_KILOBYTES)
    large.write_bytes(b"x" * (1024 * LARGEST_KILOBYTES + 1))

    assert large_files([small, large]) == [large]
