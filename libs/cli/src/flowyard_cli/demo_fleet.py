"""A few hosts, a load balancer, alarms and metrics to be operated by the larger examples.

They mind the order as real ones would: a host is restarted only while it is drained, traffic
goes only to a colour that is deployed. What has changed anything is kept in ``calls``, in
order. Faults are put in by :meth:`Fleet.fault`.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

FIRST_VERSION = "1.4.1"
"""What runs everywhere in the beginning."""

HOSTS = ("app-1", "app-2", "app-3", "app-4")
"""The hosts that there are."""

METRICS = {
    "alarms_firing": 0.0,
    "backup_age_hours": 7.0,
    "certificate_days": 60.0,
    "disk_percent": 41.0,
    "error_ratio": 0.002,
}
"""What is measured of anything for which nothing else was said."""

MAX_KEPT = 1000
"""How many calls, and how many messages, are remembered."""

Colour = Literal["blue", "green"]
"""The two places where a whole service may stand."""


class RefusedError(Exception):
    """Raised when something cannot be done now; ``status`` is what HTTP says to that."""

    def __init__(self, message: str, status: int = 409) -> None:
        super().__init__(message)
        self.status = status


class _Fault(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CallFault(_Fault):
    """Has a call fail, written as in ``calls``."""

    call: str
    times: int = Field(default=1, ge=0)


class HostFault(_Fault):
    """Keeps a host from getting healthy with a version."""

    host: str
    version: str


class MetricFault(_Fault):
    """Has a metric, such as ``error_ratio{version="2.0.0"}``, take a value."""

    metric: str
    value: float


Fault = CallFault | HostFault | MetricFault
"""What may be made to go wrong."""


@dataclass(slots=True)
class Host:
    """One host behind the load balancer."""

    name: str
    version: str = FIRST_VERSION
    is_drained: bool = False
    is_healthy: bool = True


@dataclass(slots=True)
class Fleet:
    """The state of everything, and what may be done to it when."""

    version: str = FIRST_VERSION
    """What is on record as released."""
    hosts: dict[str, Host] = field(default_factory=lambda: {name: Host(name) for name in HOSTS})
    bundles: set[str] = field(default_factory=set)
    """Versions that lie ready on the hosts, beside the first one."""
    silences: dict[str, str] = field(default_factory=dict)
    """Who has muted the alarms of which service."""
    colours: dict[str, str] = field(default_factory=lambda: {"blue": FIRST_VERSION})
    """What is deployed where."""
    live: str = "blue"
    """The colour that has the traffic."""
    calls: deque[str] = field(default_factory=lambda: deque(maxlen=MAX_KEPT))
    """What has changed anything or was sent, oldest first."""
    inbox: deque[JsonValue] = field(default_factory=lambda: deque(maxlen=MAX_KEPT))
    """The messages that were received, oldest first."""
    _metrics: dict[str, float] = field(default_factory=lambda: dict(METRICS))
    _unfit: set[tuple[str, str]] = field(default_factory=set)
    _failures: dict[str, int] = field(default_factory=dict)

    def fault(self, fault: Fault) -> None:
        """Have something go wrong from now on."""
        match fault:
            case CallFault():
                self._failures[fault.call] = fault.times
            case HostFault():
                self._unfit.add((fault.host, fault.version))
            case MetricFault():
                self._metrics[fault.metric] = fault.value

    def metric(self, query: str) -> float | None:
        """Return a metric's value, that of its bare name where these labels have none."""
        return self._metrics.get(query, self._metrics.get(query.partition("{")[0]))

    def host(self, name: str) -> Host:
        """Return a host by its name."""
        found = self.hosts.get(name)
        if found is None:
            raise RefusedError(f"expected one of {', '.join(self.hosts)}", 404)
        return found

    def drain(self, host: Host) -> None:
        """Take a host's traffic away."""
        self._note(f"drain {host.name}")
        host.is_drained = True

    def undrain(self, host: Host) -> None:
        """Give a host its traffic again."""
        self._expect(host.is_healthy, f"{host.name} to be healthy")
        self._note(f"undrain {host.name}")
        host.is_drained = False

    def restart(self, host: Host, version: str) -> None:
        """Start a host anew, in a version."""
        self._expect(host.is_drained, f"{host.name} to be drained first")
        self._expect(version in {FIRST_VERSION, *self.bundles}, f"a bundle of {version}")
        self._note(f"restart {host.name} {version}")
        host.version = version
        host.is_healthy = (host.name, version) not in self._unfit

    def mute(self, service: str, by: str) -> None:
        """Keep alarms of a service from people, if nobody else does so already."""
        holder = self.silences.get(service, by)
        self._expect(holder == by, f"alarms of {service} to sound, but {holder} has muted them")
        self._note(f"mute {service}")
        self.silences[service] = by

    def unmute(self, service: str, by: str) -> None:
        """Let alarms of a service through again, if it is the same one who has muted them."""
        if self.silences.get(service) == by:
            self._note(f"unmute {service}")
            del self.silences[service]

    def put_bundle(self, version: str) -> None:
        """Lay a version ready on the hosts."""
        self._note(f"bundle {version}")
        self.bundles.add(version)

    def record(self, version: str) -> None:
        """Put a version on record as released."""
        self._note(f"record {version}")
        self.version = version

    def share(self, version: str) -> float:
        """Return which share of the hosts serves traffic in a version."""
        serving = [one for one in self.hosts.values() if one.is_healthy and not one.is_drained]
        return sum(one.version == version for one in serving) / len(self.hosts)

    def deploy(self, colour: Colour, version: str) -> None:
        """Set a whole service up beside the one that has the traffic."""
        self._expect(colour != self.live, f"the idle colour, but {colour} has the traffic")
        self._note(f"deploy {colour} {version}")
        self.colours[colour] = version

    def tear_down(self, colour: Colour) -> None:
        """Remove a colour."""
        self._expect(colour != self.live, f"the idle colour, but {colour} has the traffic")
        self._note(f"tear-down {colour}")
        self.colours.pop(colour, None)

    def switch(self, colour: Colour) -> None:
        """Give the traffic to a colour."""
        self._expect(colour in self.colours, f"{colour} to be deployed")
        self._note(f"switch {colour}")
        self.live = colour

    def receive(self, message: JsonValue) -> None:
        """Take a message."""
        subject = message.get("subject") if isinstance(message, dict) else None
        self._note(f"notify {subject}")
        self.inbox.append(message)

    def beat(self, name: str) -> None:
        """Take a sign of life."""
        self._note(f"beat {name}")

    def _note(self, call: str) -> None:
        if self._failures.get(call, 0) > 0:
            self._failures[call] -= 1
            raise RefusedError(f"{call} failed, as it was told to", 503)
        self.calls.append(call)

    def _expect(self, holds: bool, what: str) -> None:  # noqa: FBT001
        if not holds:
            raise RefusedError(f"expected {what}")
