"""The API, and those who use it: who starts flows, approves, calls back, retries and cancels."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from flowyard.contracts.records import Doorbell
from flowyard.contracts.topics import (
    INSTANCE_EVENT,
    INSTANCE_EVENT_SCHEMA,
    SCHEMA_HEADER,
    partition_of,
)
from flowyard.engine.graph import JsonValue
from flowyard.ids import new_id, new_secret
from flowyard.messaging.ports import OutgoingRecord
from flowyard.storage.database import dump_json
from flowyard.storage.graph_codec import encode_graph
from tests.support.simulation.flows import CHILD_KEY, Flow, child, flow
from tests.support.simulation.kafka import _finish
from tests.support.simulation.postgres.database import insert
from tests.support.simulation.postgres.tables import Row
from tests.support.simulation.seeding import seeded
from tests.support.simulation.services import PARTITIONS
from tests.support.simulation.witness import Effect
from tests.support.simulation.world import World

LOOK_SECONDS = 0.9
"""How often people look whether somebody waits for them."""

AGAIN_SECONDS = 8.0
"""After how long they ask again for what has not happened."""

LOST_DOORBELLS = 0.15
"""Share of the commands whose doorbell never rings: the API has died in between."""

_HEADERS = ((SCHEMA_HEADER, INSTANCE_EVENT_SCHEMA.encode()),)


WEBHOOK = uuid.UUID(int=7)
"""The only one."""


@dataclass(slots=True, kw_only=True)
class Started:
    """An instance that was accepted, and what is to come of it."""

    instance_id: uuid.UUID
    partition: int
    flow: Flow
    child: Flow


class People:
    """Everybody outside; they keep their promises, however long it takes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = seeded(f"people {world.seed}")
        self._asked: dict[tuple[object, ...], float] = {}
        self.started: list[Started] = []
        self.planned = 0
        """Instances that will be started."""
        self.paused: dict[uuid.UUID, float] = {}
        """When instances that were paused may go on."""
        self._project = new_id()
        self.untold: frozenset[uuid.UUID] | None = None
        """Instances that were there before the webhook; None before that."""

    async def set_up(self) -> None:
        insert(self._world.server, "project", project_id=self._project, name="example")
        # Of a source of its own, so that all else is as it was without it.
        moment = seeded(f"webhook {self._world.seed}").uniform(0, 3)
        self._world.loop.in_world(moment, self._subscribe)

    def _subscribe(self) -> None:
        """Have somebody told how instances begin and end, from now on."""
        insert(
            self._world.server,
            "webhook",
            webhook_id=WEBHOOK,
            project_id=self._project,
            url="http://there",
            events=[f"instance.{name}" for name in ("started", "succeeded", "cancelled")],
            templates=[],
            secret="",
            created_by="ann",
            updated_by="ann",
        )
        insert(self._world.server, "webhook_level", version=1)
        self.untold = frozenset(
            row["instance_id"] for row in self._world.server.tables.rows["instance"].values()
        )

    def start_flow(self, number: int) -> None:
        """Publish a flow with the child that it may run, and start an instance of it."""
        chosen, inner = flow(number), child(number)
        if chosen.has_child:
            self._publish(f"{CHILD_KEY}{number}", inner)
        key = f"flow{number}"
        template_id = self._publish(key, chosen, child_key=f"{CHILD_KEY}{number}")
        instance_id = new_id()
        partition = partition_of(instance_id, PARTITIONS)
        insert(
            self._world.server,
            "instance",
            instance_id=instance_id,
            project_id=self._project,
            template_id=template_id,
            version=1,
            name=key,
            partition=partition,
            given="{}",
            actor="ann",
            callback_secret=new_secret(),
        )
        self.started.append(
            Started(instance_id=instance_id, partition=partition, flow=chosen, child=inner)
        )
        self.command(instance_id, partition, "start")

    def _publish(self, key: str, content: Flow, child_key: str = "") -> uuid.UUID:
        server = self._world.server
        for row in server.tables.rows["template"].values():
            if row["key"] == key:
                found: uuid.UUID = row["template_id"]
                return found
        template_id = new_id()
        insert(
            server,
            "template",
            template_id=template_id,
            project_id=self._project,
            key=key,
            latest_version=1,
        )
        document = dump_json(encode_graph(content.graph))
        if child_key:
            document = document.replace(f'"{CHILD_KEY}"', f'"{child_key}"')
        insert(
            server,
            "template_version",
            template_id=template_id,
            number=1,
            source="",
            document="{}",
            graph=document,
            content_hash="",
            actor="ann",
        )
        return template_id

    def command(
        self,
        instance_id: uuid.UUID,
        partition: int,
        kind: str,
        *,
        node_id: str | None = None,
        payload: Mapping[str, JsonValue] | None = None,
    ) -> None:
        """Store a command and ring, as the API does; it may die before it rings."""
        insert(
            self._world.server,
            "command",
            instance_id=instance_id,
            partition=partition,
            kind=kind,
            node_id=node_id,
            payload=orjson.dumps(payload or {}).decode(),
            actor="ann",
        )
        if self._random.random() >= LOST_DOORBELLS:
            self._world.loop.in_world(
                self._random.uniform(0, 0.05), self._ring, instance_id, partition
            )

    def _ring(self, instance_id: uuid.UUID, partition: int) -> None:
        doorbell = Doorbell(instance_id=instance_id, partition=partition)
        record = OutgoingRecord(
            topic=INSTANCE_EVENT,
            key=instance_id.bytes,
            value=doorbell.model_dump_json().encode(),
            partition=partition,
            headers=_HEADERS,
        )
        membership = self._world.cluster.producer()
        _finish(_publish_with(membership, record))

    def look(self) -> None:
        """Do what somebody waits for, and look again later."""
        for effect in self._world.call_backs:
            self._world.loop.in_world(self._random.uniform(0, 2.5), self._call_back, effect)
        self._world.call_backs.clear()
        for node in list(self._world.server.tables.rows["node"].values()):
            if node["reason"] == "approval":
                self._ask(node, "approve", {"comment": "yes"})
            elif node["reason"] == "incident":
                self._ask(node, "retry", {})
        for instance_id, until in list(self.paused.items()):
            if self._world.loop.time() >= until:
                self._resume(instance_id)
        self._world.loop.in_world(LOOK_SECONDS, self.look)

    def operate(self, kind: str) -> None:
        """Pause or cancel an instance that runs, if there is one."""
        server = self._world.server
        rows = [server.tables.rows["instance"][one.instance_id,] for one in self.started]
        running = [row for row in rows if row["status"] not in ("succeeded", "cancelled")]
        if not running:
            return
        row = self._random.choice(running)
        self.command(row["instance_id"], row["partition"], kind)
        if kind == "pause":
            until = self._world.loop.time() + self._random.uniform(0.5, 6)
            self.paused[row["instance_id"]] = until

    def _resume(self, instance_id: uuid.UUID) -> None:
        row = self._world.server.tables.rows["instance"][instance_id,]
        if row["status"] in ("succeeded", "cancelled"):
            del self.paused[instance_id]
        elif row["status"] == "paused" and self._is_time(("resume", instance_id)):
            self.command(instance_id, row["partition"], "resume")

    def _ask(self, node: Row, kind: str, payload: Mapping[str, JsonValue]) -> None:
        number = node["number"] or 0
        if self._is_time((kind, node["instance_id"], node["node_id"], number)):
            self.command(
                node["instance_id"],
                node["partition"],
                kind,
                node_id=node["node_id"],
                payload=payload,
            )

    def _is_time(self, what: tuple[object, ...]) -> bool:
        now = self._world.loop.time()
        if self._asked.get(what, -AGAIN_SECONDS) + AGAIN_SECONDS > now:
            return False
        self._asked[what] = now
        return True

    def _call_back(self, effect: Effect) -> None:
        rows = self._world.server.tables.rows
        attempt = rows["attempt"].get(effect[:3])
        if attempt is None or attempt["closed_at"] is not None:
            # The API answers 410: the attempt is over.
            return
        instance = rows["instance"][effect.instance_id,]
        payload: Mapping[str, JsonValue] = {"number": effect.number, "data": None}
        times = 2 if self._random.random() < 0.1 else 1
        for _ in range(times):
            self.command(
                effect.instance_id,
                instance["partition"],
                "callback",
                node_id=effect.node_id,
                payload=payload,
            )


async def _publish_with(membership: object, record: OutgoingRecord) -> None:
    async with membership as producer:  # type: ignore[attr-defined]  # a producer's context
        await producer.publish([record])
