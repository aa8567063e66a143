"""Replacing every process of a cluster by one of another release, while work goes on."""

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from tests.support.api_driver import ApiDriver
from tests.support.cluster import Cluster
from tests.support.compose import SERVICES
from tests.support.releases import Release

AT_ONCE = 4
PAUSE_SECONDS = 0.5


class Feeder:
    """Starts instances again and again, until it is left, and knows which were accepted.

    Parameters
    ----------
    driver
        Asks again, under the same key, while an API process is away.
    """

    def __init__(
        self, driver: ApiDriver, template: str, *, run: str, inputs: Mapping[str, Any]
    ) -> None:
        self._driver = driver
        self._template = template
        self._run = run
        self._inputs = inputs
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._feed, name="feeder")
        self._error: Exception | None = None
        self.accepted: list[str] = []
        """Instances that the API has confirmed."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    def _feed(self) -> None:
        while not self._stopping.wait(PAUSE_SECONDS):
            try:
                self.accepted += self._driver.start_instances(
                    AT_ONCE, self._template, run=self._run, inputs=self._inputs
                )
            except Exception as error:  # noqa: BLE001  # raised in the test's own thread
                self._error = error
                return


def replace_processes(cluster: Cluster, release: Release) -> None:
    """Replace all processes one by one, each once the one before is ready.

    The first of each service goes first: old and new ones of all services work side by
    side in between.
    """
    most = max(len(cluster.of(service)) for service in SERVICES)
    for number in range(most):
        for service in reversed(SERVICES):
            for process in cluster.of(service)[number : number + 1]:
                process.wait_ready()
                process.terminate()
                process.tell(release.variables)
                process.start()
                process.wait_ready()
