"""What can be measured; how, is said beside each in :mod:`flowyard_cli.bench.workloads`."""

from enum import StrEnum


class Workload(StrEnum):
    """What can be measured."""

    CHAIN = "chain"
    LATENCY = "latency"
    FANOUT = "fanout"
    START = "start"
    CHAIN_IDEMPOTENT = "chain-idempotent"
    LIVE_100 = "live-100"
    LIVE_1000 = "live-1000"
    LIVE_10000 = "live-10000"
    LONG_CHAIN = "long-chain"
    WIDE_FANOUT = "wide-fanout"
    TIMERS = "timers"


USUAL = (Workload.CHAIN, Workload.LATENCY, Workload.FANOUT, Workload.START)
"""What is measured unless something else is asked for: the four that peers are measured by."""
