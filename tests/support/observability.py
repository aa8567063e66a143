"""Real servers for traces and metrics, as processes of their own on free ports."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest
import yaml

from tests.support.ports import free_port
from tests.support.project import ROOT
from tools.observability_tools import collector_path, prometheus, promtool, zipkin_path
from tools.programs import ToolError

DEPLOYED = ROOT / "deploy" / "observability"
RULES = DEPLOYED / "prometheus" / "flowyard.rules.yml"
START_SECONDS = 180
STOP_SECONDS = 20
LOOK_SECONDS = 0.1

Json = Any


def require_tools() -> None:
    """Skip what needs them, or fail if they have to be there."""
    try:
        prometheus()
        promtool()
        missing = [path for path in (zipkin_path(), collector_path()) if not path.exists()]
        reason = f"{missing[0].name} is not there" if missing else ""
    except ToolError as error:
        reason = str(error)
    if not reason:
        return
    message = f"{reason}: `make check-observability` gets what can be got"
    if os.environ.get("FLOWYARD_REQUIRE_OBSERVABILITY"):  # noqa: TID251  # set by that target
        pytest.fail(message)
    pytest.skip(message)


def run_promtool(*arguments: str, folder: Path) -> str:
    """Run it in a folder, and return what it says; fails the test if it finds a fault."""
    done = subprocess.run(  # noqa: S603  # Prometheus' own tool
        [promtool(), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"promtool {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout


class OutsideServer:
    """A program that is no part of Flowyard; a context manager that ends it by its process id.

    Parameters
    ----------
    ready
        An address that answers 200 once it can be used.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        ready: str,
        *,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._command = command
        self._log = log
        self._ready = ready
        self._variables = dict(variables or {})
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # a server that the tests have chosen
                self._command,
                env={**os.environ, **self._variables},  # noqa: TID251  # its own and ours
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self._ready):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._end()
                raise RuntimeError(f"{self._command[0]}: {self._log.read_text()[-2000:]}")
            time.sleep(LOOK_SECONDS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


class Zipkin(OutsideServer):
    """A Zipkin server that keeps spans in memory."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            ["java", "-Xmx256m", "-XX:+UseSerialGC", "-jar", str(zipkin_path())],
            folder / "zipkin.log",
            f"{self.url}/health",
            variables={"QUERY_PORT": str(port), "STORAGE_TYPE": "mem"},
        )

    def trace(self, trace_id: str) -> list[dict[str, Json]]:
        """Return the spans of a trace, as its query API has them; none while it knows none."""
        answer = httpx.get(f"{self.url}/api/v2/trace/{trace_id}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return []
        found: list[dict[str, Json]] = answer.raise_for_status().json()
        return found


class Collector(OutsideServer):
    """The collector as it is deployed, with addresses of this machine.

    Besides what it does when deployed it hands spans to Zipkin, and shows the metrics that it is
    sent.

    Parameters
    ----------
    traces
        Where it exports to when deployed: what takes OTLP over HTTP.
    """

    def __init__(self, folder: Path, *, traces: str, zipkin: str) -> None:
        port, health, shown = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.metrics_url = f"http://127.0.0.1:{shown}/metrics"
        here = folder / "collector.yaml"
        here.write_text(yaml.safe_dump(_on_this_machine(port, health, shown, zipkin)))
        super().__init__(
            [str(collector_path()), f"--config={DEPLOYED / 'collector.yaml'}", f"--config={here}"],
            folder / "collector.log",
            f"http://127.0.0.1:{health}",
            variables={"TRACES_ENDPOINT": traces},
        )

    def metrics(self) -> str:
        """Return the metrics that it was sent, in Prometheus' text format."""
        return httpx.get(self.metrics_url).raise_for_status().text


def _on_this_machine(port: int, health: int, shown: int, zipkin: str) -> dict[str, Json]:
    metrics = {"receivers": ["otlp"], "processors": ["batch"], "exporters": ["prometheus"]}
    return {
        "extensions": {"health_check": {"endpoint": f"127.0.0.1:{health}"}},
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{port}"}}}},
        "processors": {"batch": {"timeout": "100ms"}},
        "exporters": {
            "zipkin": {"endpoint": f"{zipkin}/api/v2/spans"},
            "prometheus": {
                "endpoint": f"127.0.0.1:{shown}",
                "resource_to_telemetry_conversion": {"enabled": True},
            },
        },
        "service": {
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {"traces": {"exporters": ["otlp_http", "zipkin"]}, "metrics": metrics},
        },
    }


class Prometheus(OutsideServer):
    """A Prometheus with the rules that are deployed, which scrapes some processes each second."""

    def __init__(self, folder: Path, targets: Sequence[str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = yaml.safe_load((DEPLOYED / "prometheus" / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(RULES)]
        (job,) = config["scrape_configs"]
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": list(targets)}]
        here = folder / "prometheus.yml"
        here.write_text(yaml.safe_dump(config))
        super().__init__(
            [
                prometheus(),
                f"--config.file={here}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            folder / "prometheus.log",
            f"{self.url}/-/ready",
        )

    def query(self, expression: str) -> list[dict[str, Json]]:
        """Return the series of an expression, as of now; fails the test if it cannot be read."""
        answer = httpx.post(f"{self.url}/api/v1/query", data={"query": expression}, timeout=30)
        if answer.is_error:
            pytest.fail(f"{expression}: {answer.json()['error']}")
        found: list[dict[str, Json]] = answer.json()["data"]["result"]
        return found

    def wait_for(self, expression: str, *, seconds: float = 60) -> list[dict[str, Json]]:
        """Return the series of an expression once there are any."""
        deadline = time.monotonic() + seconds
        while not (found := self.query(expression)):
            if time.monotonic() > deadline:
                pytest.fail(f"No series within {seconds} s: {expression}")
            time.sleep(LOOK_SECONDS)
        return found

    def rules(self) -> list[dict[str, Json]]:
        """Return the alerting rules, as it has them."""
        answer = httpx.get(f"{self.url}/api/v1/rules").raise_for_status()
        groups = answer.json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]
