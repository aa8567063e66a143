"""What is logged outlives who logged it, and every line of a service says what it is about."""

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowyard.telemetry.log_fields import FIELDS
from tests.cluster.conftest import postgres15_programs  # noqa: F401  # a fixture
from tests.support.api_driver import PROJECT
from tests.support.cluster import Cluster
from tests.support.compose import compose_environment
from tests.support.environment import outside_environment
from tests.support.kafka import KafkaServer
from tests.support.postgres15 import PostgresServer

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(240)]

KEY = "FLOWYARD_PLUGIN_GATEWAY_SECRET_KEY"
LINE_SECONDS = 0.01
LOST_SECONDS = 1.0
"""Most that may be lost of a log: it is stored five times a second, by a machine that is busy."""

SECRET = "Correct-Horse-Battery-7"  # noqa: S105  # made up

TALKER = f"""\
import asyncio
import logging
from pathlib import Path

from flowyard.contracts.plugin import Done, Plugin, PluginInputs, PluginOutputs


class Inputs(PluginInputs):
    said: str
    token: str = ""


class Talker(Plugin[Inputs, PluginOutputs]):
    name = "talker"
    title = "Talk without end, but the second time"
    inputs_model = Inputs
    outputs_model = PluginOutputs

    async def execute(self, context, inputs):
        context.log(f"attempt {{context.number}} begins with {{inputs.token}}")
        logging.getLogger("talker").warning("said by a library: %s", inputs.token)
        count = 0
        while context.number == 1:
            count += 1
            context.log(f"line {{count}}")
            Path(inputs.said).write_text(str(count))
            await asyncio.sleep({LINE_SECONDS})
        return Done(outputs=PluginOutputs())
"""

TALKING = """\
flowyard: 1
key: talking
title: Talks until it is shot
inputs:
  said: {type: string}
nodes:
  - id: talk
    plugin: talker@1.0
    inputs: {said: "${said}", token: "${secrets.TOKEN}"}
    retry: {times: 2, interval: 200ms, codes: [outcome_unknown]}
"""


@pytest.fixture(scope="module")
def talking_cluster(
    kafka_jars: Path,
    postgres15_programs: Path,  # noqa: F811  # the fixture
) -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="flowyard-talking-") as scratch:
        folder = Path(scratch)
        # Postgres runs as another user, who has to come through.
        folder.chmod(0o711)
        packages = _installed(folder / "packages")
        cluster = Cluster(
            folder,
            postgres=PostgresServer(folder / "postgres", programs=postgres15_programs),
            kafka=KafkaServer(kafka_jars, folder / "kafka"),
            variables={"FLOWYARD_LOG_LEVEL": "debug", "FLOWYARD_API_TRACE_SAMPLE_RATIO": "0"},
        )
        with cluster:
            path = outside_environment().get("PYTHONPATH", "")
            cluster.add("plugin-gateway", variables={"PYTHONPATH": f"{packages}:{path}"})
            for service in ("api", "scheduler", "worker"):
                cluster.add(service)
            cluster.heal()
            yield cluster


def _installed(packages: Path) -> Path:
    about = packages / "talker-1.0.dist-info"
    about.mkdir(parents=True)
    (packages / "talker.py").write_text(TALKER)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: talker\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[flowyard.plugins]\ntalker = talker:Talker\n")
    return packages


def _wait(is_so: Any, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _log(cluster: Cluster, instance_id: str, attempt: int) -> list[str]:
    rows = cluster.rows(
        "SELECT text FROM log_line WHERE instance_id = $1 AND node_id = 'talk' AND number = $2"
        " ORDER BY sequence",
        instance_id,
        attempt,
    )
    return [row["text"] for row in rows]


def _said(file: Path) -> int:
    return int(file.read_text() or 0) if file.exists() else 0


@pytest.fixture(scope="module")
def run(talking_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int]:
    """Shoot a worker and a gateway while a plugin logs; return the instance, and what it said."""
    cluster = talking_cluster
    file = tmp_path_factory.mktemp("said") / "count"
    template = cluster.api.publish(TALKING)
    value = file.with_name("token")
    value.write_text(SECRET)
    told = ("secret", "set", "TOKEN", "--value-file", str(value), "--project", PROJECT)
    cluster.run(*told, variables={KEY: compose_environment("plugin-gateway")[KEY]})
    (instance_id,) = cluster.api.start_instances(
        1, template, run="talk", inputs={"said": str(file)}
    )
    _wait(lambda: _said(file) > 100)
    for service in ("plugin-gateway", "worker"):
        cluster.of(service)[0].kill()
    said = _said(file)
    cluster.heal()
    cluster.api.wait_all_final("talk")
    return instance_id, said


def test_rule_11_what_was_logged_is_kept_when_worker_and_gateway_die(
    talking_cluster: Cluster, run: tuple[str, int]
) -> None:
    instance_id, said = run

    first = _log(talking_cluster, instance_id, 1)
    second = _log(talking_cluster, instance_id, 2)

    assert first[0] == "attempt 1 begins with ***"
    assert first[1:] == [f"line {count}" for count in range(1, len(first))]
    assert said - LOST_SECONDS / LINE_SECONDS <= len(first) - 1 <= said + 1
    assert second == ["attempt 2 begins with ***"]


def test_every_line_within_work_names_it(talking_cluster: Cluster, run: tuple[str, int]) -> None:
    instance_id, _ = run
    lines = {
        service: [
            json.loads(line)
            for line in talking_cluster.of(service)[0].log.read_text().splitlines()
            if line.startswith("{")
        ]
        for service in ("api", "scheduler", "worker", "plugin-gateway")
    }

    named = {
        service: [line for line in of_one if line.get("instance_id") == instance_id]
        for service, of_one in lines.items()
    }

    traces = {line["trace_id"] for line in named["scheduler"]}
    assert len(traces) == 1
    for service in ("worker", "plugin-gateway"):
        assert {line["attempt"] for line in named[service]} == {1, 2}, service
        for line in named[service]:
            assert line["node_id"] == "talk"
            assert {line["trace_id"]} == traces
            assert len(line["span_id"]) == 16
    sent = [line for line in named["scheduler"] if line["message"] == "A step goes out"]
    assert {(line["node_id"], line["attempt"]) for line in sent} == {("talk", 1), ("talk", 2)}
    requests = [line for line in lines["api"] if "request_id" in line]
    assert requests
    assert all(len(line["trace_id"]) == 32 for line in requests)
    every = [line for of_one in lines.values() for line in of_one]
    assert {name for line in every for name in line} <= FIELDS.keys()


def test_rule_11_no_log_of_a_service_holds_a_secret(
    talking_cluster: Cluster, run: tuple[str, int]
) -> None:
    assert run
    texts = {
        process.log: process.log.read_text()
        for service in ("api", "scheduler", "worker", "plugin-gateway")
        for process in talking_cluster.of(service)
    }

    assert any("said by a library: ***" in text for text in texts.values())
    assert [log for log, text in texts.items() if SECRET in text] == []
