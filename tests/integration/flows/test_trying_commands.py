"""The commands that try out what is not published yet, against a whole Flowyard."""

import asyncio
from pathlib import Path

import orjson
from typer.testing import CliRunner, Result

from flowyard_cli.app import app
from tests.support.flowyard import PROJECT, Flowyard

DRAFT = """\
flowyard: 1
key: release
inputs:
  count: integer
nodes:
  - id: build
    plugin: probe@1.0
    inputs: {text: "build ${count + 1}"}
    export: {built: text}
  - id: deploy
    plugin: probe@1.0
    inputs: {text: "deploy ${built}"}
"""


async def _drafted(flowyard: Flowyard, source: str = DRAFT) -> None:
    answer = await flowyard.client.post(f"/projects/{PROJECT}/templates", json={"source": source})
    assert answer.is_success, answer.text


async def _command(flowyard: Flowyard, *arguments: str) -> Result:
    token = flowyard.client.headers["Authorization"].removeprefix("Bearer ")
    options = ["--project", PROJECT, "--server", flowyard.api.url, "--token", token]
    return await asyncio.to_thread(_invoke, ["templates", *arguments, *options])


def _invoke(arguments: list[str]) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def _calls(flowyard: Flowyard) -> list[str]:
    return [inputs.text for _, inputs in flowyard.probe.calls]


async def test_mock_run_takes_its_results_from_a_file(flowyard: Flowyard, tmp_path: Path) -> None:
    await _drafted(flowyard)
    file = tmp_path / "mocks.yaml"
    file.write_text("build: {outputs: {text: app-7}}\ndeploy: {run: true}\n", encoding="utf-8")

    result = await _command(
        flowyard, "mock-run", "release", "--mock", str(file), "--var", "count=1", "--wait"
    )

    assert result.exit_code == 0, result.output
    assert _calls(flowyard) == ["deploy app-7"]


async def test_mock_run_leaves_out_what_it_is_told_to(flowyard: Flowyard, tmp_path: Path) -> None:
    await _drafted(flowyard, DRAFT.replace("id: deploy", "id: deploy\n    optional: true"))
    file = tmp_path / "mocks.yaml"
    file.write_text("build: {run: true}\ndeploy: {run: true}\n", encoding="utf-8")
    given = ["--mock", str(file), "--var", "count=1", "--wait"]

    result = await _command(flowyard, "mock-run", "release", "--exclude", "deploy", *given)

    assert result.exit_code == 0, result.output
    assert _calls(flowyard) == ["build 2"]


async def test_mock_run_ends_with_1_where_the_run_fails(flowyard: Flowyard, tmp_path: Path) -> None:
    await _drafted(flowyard)
    file = tmp_path / "mocks.json"
    file.write_bytes(orjson.dumps({"build": {"failure": {"code": "no_disk"}}}))

    result = await _command(
        flowyard, "mock-run", "release", "--mock", str(file), "--var", "count=1", "--wait"
    )

    assert result.exit_code == 1
    assert _calls(flowyard) == []


async def test_test_node_takes_variables_or_inputs(flowyard: Flowyard) -> None:
    await _drafted(flowyard)

    rendered = await _command(
        flowyard, "test-node", "release", "build", "--var", "count=2", "--wait"
    )
    exported = await _command(
        flowyard, "test-node", "release", "deploy", "--var", "built=app-8", "--wait"
    )
    given = await _command(
        flowyard, "test-node", "release", "deploy", "--input", "text=as it is", "--wait"
    )

    assert [one.exit_code for one in (rendered, exported, given)] == [0, 0, 0]
    assert _calls(flowyard) == ["build 3", "deploy app-8", "as it is"]
