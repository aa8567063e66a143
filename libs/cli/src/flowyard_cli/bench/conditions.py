"""Under which conditions the bench ran, and what the processes weigh."""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

import psutil

from flowyard_cli.bench.documents import PLUGIN
from flowyard_cli.errors import UsageError
from flowyard_cli.terminal import JsonObject

_PACKAGES = ("flowyard", "aiokafka", "asyncpg", "fastapi", "pydantic", "uvloop")
_MEGABYTE = 1024 * 1024


def resident_mb(processes: Mapping[str, int]) -> dict[str, float]:
    """Return the resident memory of each process in MB, keyed by name.

    Raises
    ------
    UsageError
        Raised if there is no process of that id.
    """
    found: dict[str, float] = {}
    for name, pid in processes.items():
        try:
            found[name] = round(psutil.Process(pid).memory_info().rss / _MEGABYTE, 1)
        except psutil.Error as error:
            raise UsageError(f"Expected a process {pid} ({name}), but there is none") from error
    return found


def conditions(*, is_embedded: bool) -> JsonObject:
    """Return what has to be known to compare two results."""
    return {
        "mode": "embedded" if is_embedded else "cluster",
        "history": "on: every node and attempt is stored and read back",
        "log_level": "INFO" if is_embedded else "the cluster's; INFO unless set otherwise",
        "trace_sample_ratio": 0.1 if is_embedded else "the cluster's; 0.1 unless set otherwise",
        "plugin": f"{PLUGIN}, not idempotent: every attempt is claimed",
        "cpu_count": os.cpu_count(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
