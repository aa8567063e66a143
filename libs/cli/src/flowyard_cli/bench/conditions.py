"""Under which conditions the bench ran: what has to be known to compare two results."""

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from flowyard_cli.bench.documents import PLUGIN, SLEEP, UNCLAIMED
from flowyard_cli.bench.workload import Workload
from flowyard_cli.terminal import JsonObject

_PACKAGES = ("flowyard", "aiokafka", "asyncpg", "fastapi", "pydantic", "uvloop")
_UNKNOWN = "the server's; see --condition"

_DEFAULTS: Mapping[str, str] = {
    "log_level": "INFO",
    "trace_sample_ratio": "0.1",
    "broker": "in-process",
}
"""What a server of the bench's own runs with."""


def conditions(
    workloads: Sequence[Workload],
    *,
    is_embedded: bool,
    repeat: int,
    size: float,
    noted: Mapping[str, str],
) -> JsonObject:
    """Return what has to be known to compare two results.

    Parameters
    ----------
    repeat, size
        How many runs the medians are of, and which share of the usual counts was run.
    noted
        What is known of the server besides, keyed by condition; it comes before
        what is assumed here.
    """
    return {
        "mode": "embedded" if is_embedded else "cluster",
        "history": "on: every node and attempt is stored and read back",
        **(_DEFAULTS if is_embedded else dict.fromkeys(_DEFAULTS, _UNKNOWN)),
        "claims": {one.value: _claims(one) for one in workloads},
        "repeat": repeat,
        "size": size,
        "cpu_count": os.cpu_count(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: _version(name) for name in _PACKAGES},
        **noted,
    }


def _claims(workload: Workload) -> str:
    match workload:
        case Workload.CHAIN_IDEMPOTENT:
            return f"off: {UNCLAIMED} is idempotent"
        case Workload.TIMERS:
            return f"off: {SLEEP} is idempotent"
        case _:
            return f"on: {PLUGIN} is not idempotent"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
