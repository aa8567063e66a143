"""What a run has measured, and the medians of several runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from flowyard_cli.terminal import JsonObject

CLAIMED, UNCLAIMED = "chain", "chain-idempotent"
"""The two workloads whose difference is what claims cost."""

_PER_NODES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run of one workload."""

    figures: Mapping[str, float]
    """Keyed by names that end in their unit."""
    nodes: int
    """Nodes that a plugin has run."""
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    """Processor seconds that were used meanwhile, keyed by process, with their ``total``."""

    @property
    def cpu_per_1000_nodes(self) -> dict[str, float]:
        """Processor seconds for each 1,000 nodes, keyed by process."""
        share = _PER_NODES / self.nodes
        return {name: round(used * share, 4) for name, used in self.cpu_seconds.items()}


def medians(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each figure over all runs, keyed like the first one."""
    return {name: round(median(row[name] for row in rows), 4) for name in rows[0]}


def summary(runs: Mapping[str, Sequence[Measured]]) -> JsonObject:
    """Return the medians of all runs, keyed by workload, and what belongs to them.

    ``cpu_s_per_1000_nodes`` and, where there is more than one run, ``runs`` are
    keyed by workload, too; ``claims_cost_percent`` is there if both chains are.
    """
    result: JsonObject = {name: medians([one.figures for one in runs[name]]) for name in runs}
    cpu = {name: medians([one.cpu_per_1000_nodes for one in runs[name]]) for name in runs}
    if CLAIMED in runs and UNCLAIMED in runs:
        result["claims_cost_percent"] = claims_cost_percent(result)
    result["cpu_s_per_1000_nodes"] = cpu
    if any(len(ones) > 1 for ones in runs.values()):
        result["runs"] = {name: [dict(one.figures) for one in ones] for name, ones in runs.items()}
    return result


def claims_cost_percent(result: Mapping[str, Mapping[str, float]]) -> float:
    """Return by how many percent claims lower the nodes per second."""
    share = result[CLAIMED]["nodes_per_s"] / result[UNCLAIMED]["nodes_per_s"]
    return round((1 - share) * 100, 1)
