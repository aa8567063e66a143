"""One instance's path: its trace, those of its children, and what is usual on each hop."""

from tools.dashboards.dashboard import PLUGIN, QUEUE, Dashboard
from tools.dashboards.panels import Panel, Query, Row, Variable, mean, quantiles, rate

OF_QUEUE = 'queue=~"$queue"'
OF_PLUGIN = 'plugin=~"$plugin"'

HOW_TO_READ = """\
Put an instance's id, or the id of its trace, into the fields above; the console's run view and
`GET /api/v1/instances/{id}` have both. Only a share of all instances is recorded
(`FLOWYARD_API_TRACE_SAMPLE_RATIO`); start one with `"trace": "always"` to be sure.

| span | is |
| --- | --- |
| `api.request`, `instance.start` | the request that created it, and its root |
| `node.attempt` | one attempt of a node, from its begin to its end; failed ones are red |
| `step.dispatch` | ready, until it was handed to Kafka: waiting for room in its queue |
| `step.execute` | taken by a worker, until its result was known |
| `plugin.execute` | the plugin itself; calls to other systems are below it |
| `node.wait` | a wait for a timer, callback, approval, retry or child; written when it ends |
| `instance.end` | its end |

A retry is linked to the attempt before it, a child's trace to the attempt that started it.
"""


def _search(service: str, tags: str) -> tuple[dict[str, object], ...]:
    return (
        {
            "refId": "A",
            "datasource": {"type": "jaeger", "uid": "${traces}"},
            "queryType": "search",
            "service": service,
            "tags": tags,
            "limit": 20,
        },
    )


TRACES = Row(
    title="Its trace",
    panels=(
        Panel(
            title="How to read it",
            description="The spans of an instance, in the order in which it meets them.",
            kind="text",
            content=HOW_TO_READ,
            width=8,
            height=12,
        ),
        Panel(
            title="Traces of this instance",
            description="Found by its id, within the time that is chosen above.",
            kind="table",
            targets=_search("scheduler", "flowyard.instance=$instance"),
            width=8,
            height=12,
        ),
        Panel(
            title="Traces of its children",
            description="Each child of a subflow has a trace of its own, linked to this one.",
            kind="table",
            targets=_search("scheduler", "flowyard.parent=$instance"),
            width=8,
            height=12,
        ),
        Panel(
            title="The trace",
            description="The trace whose id stands above.",
            kind="traces",
            targets=(
                {
                    "refId": "A",
                    "datasource": {"type": "jaeger", "uid": "${traces}"},
                    "query": "$trace",
                },
            ),
            width=24,
            height=16,
        ),
    ),
)

HOPS = Row(
    title="What is usual",
    panels=(
        Panel(
            title="1: ready to dispatched",
            description="A step is ready and waits for room in its queue's window. Long: more is"
            " ready than workers take up.",
            unit="s",
            queries=quantiles("flowyard_scheduler_ready_to_dispatched_seconds", "queue", OF_QUEUE),
        ),
        Panel(
            title="2: dispatched to started",
            description="It lies with Kafka, is taken by a worker, and begun by a plugin gateway."
            " Long: too few of either, or they are busy.",
            unit="s",
            queries=quantiles(
                "flowyard_scheduler_dispatched_to_started_seconds", "queue", OF_QUEUE
            ),
        ),
        Panel(
            title="In the plugin",
            description="The plugin's own time, for each call of it.",
            unit="s",
            queries=quantiles("flowyard_plugin_gateway_step_seconds", "plugin", OF_PLUGIN),
        ),
        Panel(
            title="3: finished to next ready",
            description="The result is read, decided and stored. Long: schedulers or Postgres.",
            unit="s",
            queries=quantiles("flowyard_scheduler_finished_to_ready_seconds"),
        ),
        Panel(
            title="All of it, on average",
            description="One upon the other: what a node costs besides its plugin, and where.",
            unit="s",
            queries=(
                Query(
                    expression=mean(
                        "flowyard_scheduler_ready_to_dispatched_seconds", where=OF_QUEUE
                    ),
                    legend="1 ready to dispatched",
                ),
                Query(
                    expression=mean(
                        "flowyard_scheduler_dispatched_to_started_seconds", where=OF_QUEUE
                    ),
                    legend="2 dispatched to started",
                ),
                Query(
                    expression=mean("flowyard_plugin_gateway_step_seconds", where=OF_PLUGIN),
                    legend="in the plugin",
                ),
                Query(
                    expression=mean("flowyard_scheduler_finished_to_ready_seconds"),
                    legend="3 finished to ready",
                ),
            ),
            is_stacked=True,
        ),
        Panel(
            title="The parts of hop 3",
            description="A batch of facts is decided and stored; the commit is Postgres' share.",
            unit="s",
            queries=(
                Query(expression=mean("flowyard_scheduler_batch_seconds"), legend="batch"),
                Query(expression=mean("flowyard_scheduler_commit_seconds"), legend="its commit"),
            ),
        ),
    ),
)

DETOURS = Row(
    title="Detours",
    panels=(
        Panel(
            title="Steps given back",
            description="Steps that a plugin gateway did not run, by why: stale ones are over"
            " already, others are offered again.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_worker_steps_not_run_total", "code"),
                    legend="{{code}}",
                ),
            ),
        ),
        Panel(
            title="Claims reused",
            description="Steps that were delivered again: joined with the run that goes on, or"
            " answered with what was stored. None was run twice.",
            unit="ops",
            queries=(
                Query(
                    expression=rate(
                        "flowyard_plugin_gateway_steps_total", "result", 'result=~"joined|stored"'
                    ),
                    legend="{{result}}",
                ),
            ),
        ),
        Panel(
            title="Brought on by repair",
            description="What nobody rang about; each of them was some seconds late.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_scheduler_repairs_total", "kind"), legend="{{kind}}"
                ),
            ),
        ),
        Panel(
            title="Commands",
            description="What people and programs did to instances.",
            unit="ops",
            queries=(
                Query(expression=rate("flowyard_api_commands_total", "kind"), legend="{{kind}}"),
                Query(
                    expression=rate("flowyard_scheduler_rejected_commands_total"),
                    legend="rejected when read",
                ),
            ),
            width=8,
        ),
    ),
)

INSTANCE_PATH = Dashboard(
    uid="flowyard-instance",
    title="Flowyard / One instance's path",
    description="One instance's trace, and what is usual on each part of its way.",
    variables=(
        Variable(name="instance", label="Instance's id", kind="textbox"),
        Variable(name="trace", label="Trace's id", kind="textbox"),
        QUEUE,
        PLUGIN,
    ),
    rows=(TRACES, HOPS, DETOURS),
)
"""For who looks into one instance."""
