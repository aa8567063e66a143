"""The labels that metrics share, each with what bounds it."""

from flowyard.telemetry.metric_definition import Label, one_of

QUEUE = Label(name="queue", meaning="names of queues, as templates use them")
PLUGIN = Label(
    name="plugin",
    meaning="ids of plugins without their version; `unknown` for a step that an earlier owner has"
    " handed out",
)
TOPIC = Label(name="topic", meaning="topics of Kafka that Flowyard reads")
PARTITION = Label(name="partition", limit=256, meaning="numbers from 0 on")
ROUTE = Label(
    name="route",
    limit=400,
    meaning="paths as OpenAPI has them, without `/api/v1`; `unknown` for an address without a"
    " route",
)
HTTP_STATUS = Label(
    name="status", limit=60, meaning="status codes of HTTP; `0` where nothing was answered"
)
METHOD = one_of("method", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
POOL = one_of("pool", "hot", "plain")
SERVICE = one_of("service", "api", "scheduler", "worker", "plugin-gateway")

WAIT_REASON = one_of(
    "reason",
    "queued",
    "running",
    "timer",
    "callback",
    "approval",
    "child",
    "branches",
    "paused",
    "breakpoint",
    "retry",
    "concurrency_key",
    "items",
    "inner",
    "incident",
)
"""Those of :class:`flowyard.engine.snapshot.WaitReason`."""

COMMAND = one_of(
    "kind",
    "start",
    "pause",
    "resume",
    "cancel",
    "set_variables",
    "set_priority",
    "retry",
    "restart",
    "skip",
    "pause_node",
    "resume_node",
    "force_fail",
    "force_succeed",
    "choose",
    "reset_timer",
    "callback",
    "approve",
    "reject",
)
"""Those that the API stores (ARCHITECTURE.md, command kinds)."""

LIVE_STATUS = one_of("status", "created", "running", "paused", "failed")
"""Those of :class:`flowyard.engine.lifecycle.InstanceStatus` that are not final."""

END_STATUS = one_of("status", "succeeded", "cancelled", "failed")
"""How an instance stops; ``failed`` is no end: it may go on once a person has stepped in."""

STEP_RESULT = one_of(
    "result",
    "claimed",
    "unclaimed",
    "joined",
    "barred",
    "stored",
    "unknown",
    "stale",
    "draining",
    "unknown_plugin",
)
NOT_RUN = one_of(
    "code",
    "stale",
    "unknown_plugin",
    "draining",
    "gateway_complete",
    "gateway_unavailable",
    "gateway_unreadable",
)
