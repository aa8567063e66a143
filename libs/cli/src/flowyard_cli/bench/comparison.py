"""A result beside a saved one: the figures with their ratios, and the conditions that differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from flowyard_cli.bench.processes import TOTAL
from flowyard_cli.bench.workload import Workload
from flowyard_cli.errors import UsageError
from flowyard_cli.terminal import JsonObject

_RATES = "_per_s"
"""What is better the higher it is ends so; everything else is better the lower it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One figure of both results."""

    figure: str
    saved: float
    now: float
    ratio: float | None
    """``now`` by ``saved``; None where the saved one is not above 0."""
    is_better: bool | None
    """Whether now is better than saved; None where both are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of both results; None where it was not noted."""

    name: str
    saved: Any
    now: Any

    @property
    def differs(self) -> bool:
        """Tell whether it may be why the figures differ."""
        return bool(self.saved != self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two results have in common, in the order of the newer one."""

    figures: Sequence[Compared]
    conditions: Sequence[Condition]

    def as_json(self) -> JsonObject:
        """Return it as it is written into a result."""
        return {
            "figures": [asdict(one) for one in self.figures],
            "conditions": [{**asdict(one), "differs": one.differs} for one in self.conditions],
        }


def save(result: JsonObject, file: Path) -> None:
    """Write a result where a later run can compare itself with it.

    Raises
    ------
    UsageError
        Raised if it cannot be written there.
    """
    try:
        file.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise UsageError(f"Expected to write {file}, but: {error.strerror}") from error


def load(file: Path) -> JsonObject:
    """Return a saved result.

    Raises
    ------
    UsageError
        Raised if there is none in the file.
    """
    try:
        found = orjson.loads(file.read_bytes())
    except OSError as error:
        raise UsageError(f"Expected to read {file}, but: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise UsageError(f"Expected a saved result in {file}, but it is no JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("conditions"), dict):
        raise UsageError(f"Expected a saved result in {file}, but it has no conditions")
    return found


def compare(saved: JsonObject, now: JsonObject) -> Comparison:
    """Return the figures that both results have, and every condition of either."""
    before = dict(_figures(saved))
    return Comparison(
        figures=[_compared(name, before[name], value) for name, value in _figures(now)
                 if name in before],
        conditions=list(_conditions(saved["conditions"], now["conditions"])),
    )  # fmt: skip


def _compared(name: str, saved: float, now: float) -> Compared:
    is_higher = now > saved
    return Compared(
        figure=name,
        saved=saved,
        now=now,
        ratio=round(now / saved, 3) if saved > 0 else None,
        is_better=None if now == saved else is_higher == name.endswith(_RATES),
    )


def _figures(result: JsonObject) -> Iterator[tuple[str, float]]:
    """Yield each figure's name and value: of the workloads, then the sums over all processes."""
    for workload in Workload:
        for name, value in result.get(workload.value, {}).items():
            yield f"{workload} {name}", value
    if "claims_cost_percent" in result:
        yield "claims_cost_percent", result["claims_cost_percent"]
    for workload, used in result.get("cpu_s_per_1000_nodes", {}).items():
        yield f"{workload} cpu_s_per_1000_nodes", used[TOTAL]
    for process, slope in result.get("steady", {}).get("slope_mb_per_min", {}).items():
        yield f"steady {process} slope_mb_per_min", slope
    for process, memory in result.get("rss_mb", {}).items():
        yield f"{process} rss_mb", memory


def _conditions(saved: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Condition]:
    before, after = dict(_flat(saved)), dict(_flat(now))
    for name in {**after, **before}:
        yield Condition(name=name, saved=before.get(name), now=after.get(name))


def _flat(conditions: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each condition, and of those that are objects each field: ``versions.pydantic``."""
    for name, value in conditions.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", found) for inner, found in value.items())
        else:
            yield name, value
