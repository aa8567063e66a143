"""The four commands start with exactly what docker-compose.yml and the image give them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.support.compose import SERVICES, container_environment
from tests.support.processes import ServiceProcess

pytestmark = [pytest.mark.service]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[dict[str, ServiceProcess]]:
    started: dict[str, ServiceProcess] = {}
    with ExitStack() as stack:
        for service in SERVICES:
            # Only where to listen is this machine's: containers may all take one port.
            process = ServiceProcess(service, tmp_path, container_environment(service))
            stack.callback(process.kill)
            process.start()
            started[service] = process
        yield started


def test_every_service_lives_and_is_not_ready_while_its_servers_are_away(
    processes: dict[str, ServiceProcess],
) -> None:
    for process in processes.values():
        process.wait_alive()

    for service, process in processes.items():
        answer = httpx.get(f"{process.url}/readyz", timeout=10, trust_env=False)
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, (service, answer.text)
        assert False in answer.json()["checks"].values(), service
