"""Steady load on the cluster, and what the database tells about its pace."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from tests.support.cluster import Cluster

PACED_NODES = 16


def _paced(number: int) -> str:
    return f"""\
  - id: n{number}
    plugin: http_request@1.0
    inputs: {{method: POST, url: "${{witness}}/effects"}}
"""


def paced(nodes: int = PACED_NODES) -> str:
    """Return a flow of calls, one after the other."""
    return """\
flowyard: 1
key: paced
title: One call after the other
inputs:
  witness: {type: string}
nodes:
""" + "".join(_paced(number) for number in range(nodes))


ENDS = """\
SELECT i.partition, a.closed_at
FROM attempt a JOIN instance i USING (instance_id)
WHERE i.labels @> jsonb_build_object('run', $1::text) AND a.closed_at IS NOT NULL
ORDER BY a.closed_at
"""

Ends = dict[int, list[datetime]]
"""When nodes ended, by partition, in order."""


def ends_of(cluster: Cluster, run: str) -> Ends:
    """Return when the nodes of a run ended."""
    found: Ends = defaultdict(list)
    for partition, closed_at in cluster.rows(ENDS, run):
        found[partition].append(closed_at)
    return dict(found)


def silence_after(ends: Ends, instant: datetime) -> timedelta:
    """Return how long the slowest partition took from an instant until its next node ended."""
    return max(_next(times, instant) - instant for times in ends.values())


class Gap(NamedTuple):
    """A time without an end of a node."""

    length: timedelta
    began_at: datetime
    partition: int


def longest_gap(ends: Ends) -> Gap:
    """Return the longest time without an end in a partition, while it had something to do."""
    return max(
        Gap(later - earlier, earlier, partition)
        for partition, times in ends.items()
        for earlier, later in pairwise(times)
    )


def merged(ends: Ends) -> Ends:
    """Return the ends of all partitions as if they were one."""
    return {-1: sorted(time for times in ends.values() for time in times)}


def have_all_gone_on(ends: Ends, instant: datetime) -> bool:
    """Tell whether a node has ended in each partition since an instant."""
    return all(times[-1] > instant for times in ends.values())


def _next(times: Iterable[datetime], instant: datetime) -> datetime:
    return next(
        (time for time in times if time > instant), datetime.max.replace(tzinfo=instant.tzinfo)
    )
