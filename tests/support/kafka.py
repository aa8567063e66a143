"""A real Apache Kafka for tests, without Docker: Maven resolves it, java runs it.

The jars are kept in ``.cache/kafka-<version>``. A server has ports and data of
its own, is one KRaft node (broker and controller) and is ended by its process id.
"""

import base64
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from flowyard.ids import new_id
from tests.support.environment import is_kafka_required
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
POM = ROOT / "deploy" / "kafka" / "pom.xml"
START_SECONDS = 60
STOP_SECONDS = 20
STARTED = "Kafka Server started"
OLDEST_JAVA = 17
JAVA_OPTIONS = (
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
)
# The first entry of an index makes its file grow under the request: 40 ms on some disks, for
# each partition after 4 KiB of records. Hence the index interval.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=BROKER://127.0.0.1:{port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=BROKER
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=300
broker.session.timeout.ms=1500
log.cleaner.dedupe.buffer.size=4194304
log.index.interval.bytes=1048576
num.io.threads=4
num.network.threads=2
"""


class KafkaMissingError(Exception):
    """Raised when this machine cannot run Kafka."""


def jars() -> Path:
    """Return the folder with Kafka's jars, resolved by Maven unless they are there."""
    _check_java()
    version = ET.parse(POM).findtext(".//{*}kafka.version")  # noqa: S314  # our own file
    folder = ROOT / ".cache" / f"kafka-{version}"
    if folder.exists():
        return folder
    if shutil.which("mvn") is None:
        raise KafkaMissingError("mvn is missing")
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "lib"
        run = subprocess.run(  # noqa: S603
            ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies",  # noqa: S607
             f"-DoutputDirectory={target}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if run.returncode != 0:
            raise KafkaMissingError(f"Maven cannot resolve Kafka {version}: {run.stdout[-500:]}")
        if not folder.exists():
            target.rename(folder)
    return folder


def _check_java() -> None:
    if shutil.which("java") is None:
        raise KafkaMissingError("java is missing")
    run = subprocess.run(
        ["java", "-version"],  # noqa: S607
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    release = java_release(run.stderr)
    if release is None or release < OLDEST_JAVA:
        found = "none that tells its version" if release is None else f"Java {release}"
        raise KafkaMissingError(f"Kafka needs Java {OLDEST_JAVA}, but there is {found}")


def java_release(words: str) -> int | None:
    """Return the release that ``java -version`` tells; Java 8 calls itself 1.8."""
    found = re.search(r'version "(?:1\.)?(\d+)', words)
    return None if found is None else int(found[1])


@dataclass(frozen=True, slots=True)
class GuardedListener:
    """Where a server listens and asks who comes."""

    protocol: str
    settings: Sequence[tuple[str, str]]


class KafkaServer:
    """One Kafka process with its own ports and data folder.

    Parameters
    ----------
    detours
        Further ports that it listens on, each with the port that clients who came
        through it are told to come back to: that of a proxy.
    guarded
        Further listeners, keyed by name, each with the settings that guard it and the
        protocol that they make, as ``listener.name.<name>.`` knows them.
    users
        Who may log in by SCRAM-SHA-512, with their passwords.
    options
        Further ones for Java.
    """

    def __init__(
        self,
        lib: Path,
        folder: Path,
        *,
        detours: Mapping[int, int] | None = None,
        guarded: Mapping[str, GuardedListener] | None = None,
        users: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self._lib = lib
        self._options = options
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port, controller_port = _free_ports()
        folder.mkdir(parents=True, exist_ok=True)
        self._settings = folder / "server.properties"
        self._settings.write_text(
            PROPERTIES.format(
                port=self._port, controller_port=controller_port, data=folder / "data"
            )
        )
        self._users = users or {}
        self._guarded = {name: free_port() for name in guarded or ()}
        for number, (port, told) in enumerate((detours or {}).items()):
            self._add_listener(f"DETOUR{number}", "PLAINTEXT", port, told)
        for name, listener in (guarded or {}).items():
            port = self._guarded[name]
            self._add_listener(name.upper(), listener.protocol, port, port)
            self._add(f"listener.name.{name}.{key}={value}" for key, value in listener.settings)

    @property
    def servers(self) -> str:
        """Where clients find it."""
        return f"127.0.0.1:{self._port}"

    def behind(self, listener: str) -> str:
        """Return where clients find a guarded listener."""
        return f"127.0.0.1:{self._guarded[listener]}"

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        return None if self._process is None else self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it was started, and has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    @property
    def log(self) -> Path:
        """What it has written since it was started last."""
        return self._folder / "server.log"

    def start(self) -> None:
        """Start it on the data that it has and wait until it is ready."""
        if not (self._folder / "data").exists():
            self._format()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self._java("kafka.Kafka", str(self._settings)),
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while STARTED not in self.log.read_text(errors="replace"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Kafka did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

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

    def restart(self) -> None:
        """Stop and start it: the same data, the same ports."""
        self.stop()
        self.start()

    def keep_only_defaults(self, *names: str) -> None:
        """Have a stopped server go by Kafka's own defaults for these settings."""
        kept = [
            line
            for line in self._settings.read_text().splitlines()
            if not line.startswith(tuple(f"{name}=" for name in names))
        ]
        self._settings.write_text("\n".join(kept) + "\n")

    def set_again(self, *names: str) -> None:
        """Have a stopped server go by these settings of the tests again."""
        self.keep_only_defaults(*names)
        self._add(line for line in PROPERTIES.splitlines() if line.split("=")[0] in names)

    def wipe(self) -> None:
        """Forget all records and topics of a stopped server: it comes back as another cluster."""
        shutil.rmtree(self._folder / "data")

    def _add(self, lines: Iterable[str]) -> None:
        with self._settings.open("a") as settings:
            settings.writelines(f"{line}\n" for line in lines)

    def _add_listener(self, name: str, protocol: str, port: int, told: int) -> None:
        added = {
            "listeners": f"{name}://127.0.0.1:{port}",
            "advertised.listeners": f"{name}://127.0.0.1:{told}",
            "listener.security.protocol.map": f"{name}:{protocol}",
        }
        lines = [
            f"{line},{added[key]}" if (key := line.split("=")[0]) in added else line
            for line in self._settings.read_text().splitlines()
        ]
        self._settings.write_text("\n".join(lines) + "\n")

    def _format(self) -> None:
        cluster_id = base64.urlsafe_b64encode(uuid.UUID(int=new_id().int).bytes).decode().strip("=")
        subprocess.run(  # noqa: S603
            self._java("kafka.tools.StorageTool", "format", "-t", cluster_id,
                       "-c", str(self._settings), *self._scram()),
            capture_output=True, check=True,
        )  # fmt: skip

    def _scram(self) -> Iterator[str]:
        for name, password in self._users.items():
            yield "--add-scram"
            yield f"SCRAM-SHA-512=[name={name},password={password}]"

    def _java(self, main: str, *arguments: str) -> list[str]:
        return ["java", *JAVA_OPTIONS, *self._options, "-cp", f"{self._lib}/*", main, *arguments]


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


@pytest.fixture(scope="session")
def kafka_jars() -> Path:
    """Return Kafka's jars; without them what needs Kafka is skipped, or fails if required."""
    try:
        return jars()
    except KafkaMissingError as error:
        reason = f"no Apache Kafka on this machine: {error}"
        if is_kafka_required():
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def kafka(kafka_jars: Path) -> Iterator[KafkaServer]:
    """Start a Kafka for the session."""
    with tempfile.TemporaryDirectory(prefix="flowyard-kafka-") as folder:
        server = KafkaServer(kafka_jars, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()
