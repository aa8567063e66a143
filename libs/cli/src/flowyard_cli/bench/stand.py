"""What every workload works with: it publishes, starts, waits and checks through the public API."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from flowyard.ids import new_id
from flowyard_cli.bench.processes import Processes
from flowyard_cli.client import API, Client, Params
from flowyard_cli.commands.options import project_path
from flowyard_cli.errors import BenchFailedError, RefusedError
from flowyard_cli.follow import follow, read_instance
from flowyard_cli.terminal import JsonObject
from flowyard_cli.views import SETTLED_STATUSES, InstanceView, NodeView

PROJECT = "bench"
"""Where the bench keeps its templates and instances, apart from people's."""

LABEL = "bench"
"""Label that holds the instances of one measurement together."""

BULK = 1000
"""Instances of one request. Source: the API takes no more."""

VIEWS = 200
"""Instances that are read node by node at most, evenly spread: reading takes longer than running.

Source: as many as the chain workload has.
"""

PATIENCE_SECONDS = 120.0
"""How long a workload may take at least before the bench gives up."""

PATIENCE_NODES_PER_S = 20.0
"""Below this rate a large workload is given up. Source: one node after another, at 50 ms each."""

HELD_SECONDS = 20
"""How long the answer to a start may be held; shorter than the client's own patience."""

_LOOK_SECONDS = 0.25
_EXISTS = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Instances of one template that were started together."""

    label: str
    ids: Sequence[str]
    nodes: int
    """Activities of each."""

    @property
    def patience_seconds(self) -> float:
        """How long to wait for all of them."""
        return PATIENCE_SECONDS + len(self.ids) * self.nodes / PATIENCE_NODES_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What is known of a batch after its end."""

    created_at: datetime
    """When the first was accepted."""
    ended_at: datetime
    """When the last one ended."""
    views: Sequence[InstanceView]
    """Some of the instances, evenly spread, with all their nodes."""

    @property
    def wall_seconds(self) -> float:
        """Seconds from the first accepted start to the last end."""
        return (self.ended_at - self.created_at).total_seconds()


class Stand:
    """A server that is measured, with a project of the bench's own.

    Parameters
    ----------
    client
        Talks to the server.
    processes
        What the server is made of.
    size
        Share of the usual counts that is run; results of different sizes do not compare.
    traced
        Share of the instances of a batch whose traces are recorded; None leaves that to
        the server.
    """

    def __init__(
        self,
        client: Client,
        processes: Processes,
        *,
        size: float = 1.0,
        traced: float | None = None,
    ) -> None:
        self.client = client
        self.processes = processes
        self.used: dict[str, float] = {}
        """Processor seconds of the last watched stretch, keyed by process."""
        self._size = size
        self._traced = traced

    def prepare(self) -> None:
        """Make sure that the bench's own project exists."""
        try:
            self.client.post(f"{API}/projects", {"name": PROJECT, "title": "Benchmarks"})
        except RefusedError as error:
            if error.status != _EXISTS:
                raise

    def count(self, usual: int) -> int:
        """Return how many to run where ``usual`` are run at full size."""
        return max(1, round(usual * self._size))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note what the processes use within the block, and nothing of what surrounds it."""
        with self.processes.watched() as used:
            yield
        self.used = used

    def publish(self, document: JsonObject) -> str:
        """Publish a flow and return its key; a flow that is published already stays as it is."""
        path = project_path(PROJECT, "templates", "actions", "apply")
        answer = self.client.post_yaml(path, orjson.dumps(document).decode())
        return str(answer["template"]["key"])

    def run(self, template: str) -> str:
        """Start one instance, return its id as soon as it has ended.

        One request, which the server answers at the end; a server that does not hold it for
        so long is followed.
        """
        path = project_path(PROJECT, "instances")
        created = self.client.post(path, _item(template), wait_seconds=HELD_SECONDS)
        instance_id = str(created["instance_id"])
        if created["status"] not in SETTLED_STATUSES:
            self._await_end(instance_id)
        return instance_id

    def batch(self, *, nodes: int) -> Batch:
        """Return a batch without instances yet, each of which will have so many activities."""
        return Batch(label=str(new_id()), ids=(), nodes=nodes)

    def start_many(self, template: str, count: int, *, nodes: int) -> Batch:
        """Start many instances in as few requests as the API allows."""
        return self.start_more(self.batch(nodes=nodes), template, count)

    def start_more(self, batch: Batch, template: str, count: int) -> Batch:
        """Return a batch with so many further instances, which are started."""
        path = project_path(PROJECT, "instances", "actions", "bulk-create")
        ids: list[str] = []
        while len(ids) < count:
            most = range(len(ids), min(len(ids) + BULK, count))
            items = [{**_item(template, batch.label), **self._trace(place)} for place in most]
            created = self.client.post(path, {"items": items})
            ids += [str(row["instance_id"]) for row in created["items"]]
        return replace(batch, ids=(*batch.ids, *ids))

    def _trace(self, place: int) -> JsonObject:
        """Return what an instance is told of its trace, by its place among those of its batch."""
        if self._traced is None:
            return {}
        is_recorded = int((place + 1) * self._traced) > int(place * self._traced)
        return {"trace": "always" if is_recorded else "never"}

    def await_settled(self, batch: Batch) -> None:
        """Look from time to time whether all are settled: looking costs the server work, too.

        Raises
        ------
        BenchFailedError
            Raised if some still run when the patience has run out.
        """
        patience = batch.patience_seconds
        deadline = time.monotonic() + patience
        open_ones: Params = {**_labelled(batch), "status": ["created", "running"], "limit": 1}
        while self.client.get(project_path(PROJECT, "instances"), open_ones)["items"]:
            if time.monotonic() > deadline:
                raise BenchFailedError(
                    f"Expected {len(batch.ids)} instances to end within {patience:.0f} s,"
                    " but some still run"
                )
            time.sleep(_LOOK_SECONDS)

    def _await_end(self, instance_id: str) -> None:
        """Return as soon as the event stream tells of the end."""
        for view in follow(self.client, instance_id):
            if view.is_settled:
                return

    def ended(self, batch: Batch, *, views: int = VIEWS) -> Ended:
        """Return the times of a batch in which everything has succeeded, as the API shows it.

        Parameters
        ----------
        views
            Instances that are read node by node at most.

        Raises
        ------
        BenchFailedError
            Raised if an instance, or a node of one that is read whole, has not.
        """
        path = project_path(PROJECT, "instances")
        wanted: Params = {**_labelled(batch), "status": ["succeeded"]}
        rows = [
            InstanceView.model_validate(row)
            for row in self.client.pages(path, wanted, most=len(batch.ids) + 1)
        ]
        if {row.instance_id for row in rows} != set(batch.ids):
            raise BenchFailedError(
                f"Expected {len(batch.ids)} instances to succeed, but {len(rows)} did"
            )
        return Ended(
            created_at=min(row.created_at for row in rows if row.created_at),
            ended_at=max(row.ended_at for row in rows if row.ended_at),
            views=[self.checked(one, batch.nodes) for one in _spread(batch.ids, views)],
        )

    def checked(self, instance_id: str, nodes: int) -> InstanceView:
        """Return an instance that succeeded in every one of its nodes, as the API shows it.

        Raises
        ------
        BenchFailedError
            Raised if it did not.
        """
        view = read_instance(self.client, instance_id)
        done = [node for node in activities(view) if node.status == "succeeded"]
        if view.status != "succeeded" or len(done) != nodes:
            raise BenchFailedError(
                f"Expected instance {instance_id} to succeed with {nodes} nodes,"
                f" but it is {view.status} with {len(done)}"
            )
        return view


def activities(view: InstanceView) -> Sequence[NodeView]:
    """Return the nodes that a plugin has run."""
    return [node for node in view.nodes if node.kind == "activity"]


def node_ends(view: InstanceView) -> list[datetime]:
    """Return when each node that a plugin has run has ended."""
    return [node.ended_at for node in activities(view) if node.ended_at is not None]


def _item(template: str, label: str = "") -> JsonObject:
    labels = {LABEL: label} if label else {}
    return {"template": template, "inputs": {}, "labels": labels, "start": True}


def _labelled(batch: Batch) -> Params:
    return {"label": [f"{LABEL}:{batch.label}"]}


def _spread(ids: Sequence[str], most: int) -> Sequence[str]:
    step = max(1, len(ids) // most)
    return ids[::step][:most]
