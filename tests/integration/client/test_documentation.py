"""The examples of docs/client.md are run, and their types checked."""

import re
from pathlib import Path

import pytest
from mypy import api as mypy

from flowyard.client import Flowyard
from tests.support.dev_server import DevServer, dev_server
from tests.support.project import ROOT

__all__ = ["dev_server"]

PAGE = (ROOT / "docs/client.md").read_text(encoding="utf-8")
SOURCES = str(ROOT / "libs/common/src")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

RELEASE = """
flowyard: 1
key: release-service
inputs:
  version: {type: string}
nodes:
  - id: release
    plugin: assign@1.0
    inputs: {values: {address: "https://${version}.example"}}
  - id: which
    exclusive:
      - {when: "${version == 'broken'}", next: broken}
      - {default: true, next: end}
  - id: broken
    plugin: fail@1.0
    inputs: {message: No such version}
outputs:
  address: "${nodes.release.address}"
"""

ASK = """
flowyard: 1
key: ask-first
nodes:
  - id: ask
    plugin: approval@1.0
    inputs: {message: Shall it go on?}
"""


@pytest.fixture
def in_a_users_place(
    dev_server: DevServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FLOWYARD_SERVER", dev_server.address)
    monkeypatch.setenv("FLOWYARD_TOKEN", dev_server.token)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "release.yaml").write_text(RELEASE)
    with Flowyard() as flowyard:
        flowyard.projects.create(name="ops", idempotency_key="ops")
        for document in (RELEASE, ASK):
            flowyard.templates.apply("ops", document)


@pytest.mark.usefixtures("in_a_users_place")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # scripts end with their process
@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    code = compile(EXAMPLES[number], f"example-{number}", "exec")

    exec(code, {"__name__": "__main__"})  # noqa: S102  # our own page

    assert capsys.readouterr().out


def test_the_types_of_all_examples_are_right(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MYPYPATH", SOURCES)
    files = []
    for number, example in enumerate(EXAMPLES):
        files.append(tmp_path / f"example_{number}.py")
        files[-1].write_text(example)

    out, err, status = mypy.run(
        ["--strict", "--no-error-summary", "--config-file=", *map(str, files)]
    )

    assert (out, err, status) == ("", "", 0)


def test_a_wrong_type_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MYPYPATH", SOURCES)
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from flowyard.client import Flowyard\n"
        "flowyard = Flowyard()\n"
        "flowyard.instances.list('ops', status=['broken'])\n"
        "flowyard.instances.pause()\n"
        "flowyard.run_and_wait('ops', 'x', timeout='5')\n"
        "flowyard.instances.get('x').stattus\n"
    )

    out, _, _ = mypy.run(["--strict", "--no-error-summary", "--config-file=", str(wrong)])

    assert [line.partition(": error: ")[0].rpartition(":")[2] for line in out.splitlines()] == [
        "3",
        "4",
        "5",
        "6",
    ]
