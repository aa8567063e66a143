"""A service in a process of its own, as an operator starts it; tests may kill it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx
import psutil

from tests.support.environment import outside_environment
from tests.support.ports import free_port

READY_SECONDS = 45
STOP_SECONDS = 90
LOOK_SECONDS = 0.05


def command_line(*arguments: str) -> list[str]:
    """Return the ``flowyard`` command of this environment, with arguments."""
    return [sys.executable, "-m", "flowyard_cli", *arguments]


def flowyard_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process that knows these settings of Flowyard and no others."""
    outside = {
        name: value
        for name, value in outside_environment().items()
        if not name.startswith(("FLOWYARD_", "OTEL_"))
    }
    return {**outside, **variables}


def end_when_asked() -> None:
    """Have SIGTERM end this process as Ctrl-C does: what it has started goes with it."""
    signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    del frame
    sys.exit(128 + number)


def _has_all(ready: httpx.Response) -> bool:
    """Tell whether a service has also what it can do without."""
    return all(ready.json()["checks"].values())


class ServiceProcess:
    """One process of one service, on a port that it keeps when it is started again."""

    def __init__(
        self, service: str, folder: Path, variables: Mapping[str, str], *, port: int | None = None
    ) -> None:
        self.service = service
        self.port = port or free_port()
        prefix = f"FLOWYARD_{service.upper().replace('-', '_')}"
        self._variables = {
            **variables,
            f"{prefix}_HOST": "127.0.0.1",
            f"{prefix}_PORT": str(self.port),
        }
        self.log = folder / f"{service}-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers, at least about its health."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return None if self._process is None else self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it was started, and has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def tell(self, variables: Mapping[str, str]) -> None:
        """Have it know further variables from its next start on."""
        self._variables |= variables

    def start(self) -> None:
        """Start it; its log goes on where it ended."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command_line(self.service),
                env=flowyard_environment(self._variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until it says that it has all it needs."""
        self._wait_for("readyz", seconds, is_enough=_has_all)

    def wait_alive(self, seconds: float = READY_SECONDS) -> None:
        """Wait until it answers, whatever it lacks."""
        self._wait_for("healthz", seconds)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def suspend(self) -> None:
        """Stop it where it is, as a machine that hangs would; its connections stay open."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on where it was suspended, as if no time had passed."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def terminate(self) -> int:
        """Ask it to go, wait until it has finished what it began, and return its exit status."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def restart(self) -> None:
        """Kill it and start it again, with the same settings."""
        self.kill()
        self.start()

    def metric(self, name: str) -> float:
        """Return the sum of a metric's values over all labels; 0 while there are none."""
        lines = httpx.get(f"{self.url}/metrics", trust_env=False).text.splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in lines
            if line.startswith((f"{name} ", f"{name}{{"))
        )

    def ports_to(self, port: int) -> set[int]:
        """Return the ports from which it is connected to a port, while it runs.

        The same local port may serve connections to other servers at the same time,
        so that it tells nothing without the port at the other end.
        """
        if self.pid is None:
            return set()
        found = psutil.Process(self.pid).net_connections(kind="tcp")
        return {one.laddr.port for one in found if getattr(one.raddr, "port", None) == port}

    def log_tail(self, characters: int = 3000) -> str:
        """Return the end of what it has written."""
        return self.log.read_text(errors="replace")[-characters:]

    def _wait_for(
        self,
        path: str,
        seconds: float,
        *,
        is_enough: Callable[[httpx.Response], bool] = lambda _: True,
    ) -> None:
        deadline = time.monotonic() + seconds
        last = "no answer"
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"{self.service} has ended: {self.log_tail()}")
            try:
                answer = httpx.get(f"{self.url}/{path}", timeout=5, trust_env=False)
            except httpx.TransportError:
                time.sleep(LOOK_SECONDS)
                continue
            if answer.is_success and is_enough(answer):
                return
            last = answer.text
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"{self.service} is not there yet ({last}): {self.log_tail()}")
