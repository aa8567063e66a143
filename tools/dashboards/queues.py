"""Workers and queues: who waits for whom, and what plugin gateways do."""

from tools.dashboards.dashboard import PLUGIN, QUEUE, Dashboard
from tools.dashboards.panels import RATE, Panel, Query, Row, quantiles, rate, stat

OF_QUEUE = 'queue=~"$queue"'
OF_PLUGIN = 'plugin=~"$plugin"'

NOW = Row(
    title="Now",
    panels=(
        stat(
            "Waiting",
            "Steps that wait for room in their queue's window.",
            f"sum(flowyard_scheduler_queued_steps{{{OF_QUEUE}}})",
            width=4,
        ),
        stat(
            "Handed out",
            "Steps that are with workers, or on the way to them.",
            f"sum(flowyard_scheduler_handed_out_steps{{{OF_QUEUE}}})",
            width=4,
        ),
        stat(
            "Oldest",
            "Age of the oldest step that is ready and does not run.",
            f"max(flowyard_scheduler_oldest_step_seconds{{{OF_QUEUE}}})",
            unit="s",
            steps=(10, 60),
            width=4,
        ),
        stat(
            "Workers",
            "Worker processes that answer.",
            'sum(flowyard_service_info{service="worker"})',
            width=4,
        ),
        stat(
            "Plugin gateways",
            "Plugin gateway processes that answer.",
            'sum(flowyard_service_info{service="plugin-gateway"})',
            width=4,
        ),
        stat(
            "Oldest lease",
            "From 4.5 s on a plugin gateway begins nothing, from 5 s on it is taken for dead.",
            "max(flowyard_plugin_gateway_lease_age_seconds)",
            unit="s",
            steps=(2.5, 4.5),
            width=4,
        ),
    ),
)

QUEUES = Row(
    title="Queues",
    panels=(
        Panel(
            title="Waiting, handed out, window",
            description="Handed out at the window, with more waiting: workers are full. Handed out"
            " below it, with some waiting: look at hop 2.",
            queries=(
                Query(
                    expression=f"sum by (queue) (flowyard_scheduler_queued_steps{{{OF_QUEUE}}})",
                    legend="{{queue}} waiting",
                ),
                Query(
                    expression="sum by (queue) (flowyard_scheduler_handed_out_steps"
                    f"{{{OF_QUEUE}}})",
                    legend="{{queue}} handed out",
                ),
                Query(
                    expression=f"sum by (queue) (flowyard_scheduler_queue_window{{{OF_QUEUE}}})",
                    legend="{{queue}} window",
                ),
            ),
        ),
        Panel(
            title="Oldest step, by queue and plugin",
            description="One plugin alone that grows old: its gateways lack it, or it is slow.",
            unit="s",
            queries=(
                Query(
                    expression="max by (queue, plugin) (flowyard_scheduler_oldest_step_seconds"
                    f"{{{OF_QUEUE}, {OF_PLUGIN}}})",
                    legend="{{queue}} {{plugin}}",
                ),
            ),
            steps=(60,),
        ),
        Panel(
            title="Hop 2: dispatched to started",
            description="How long steps lie until a plugin begins.",
            unit="s",
            queries=quantiles(
                "flowyard_scheduler_dispatched_to_started_seconds", "queue", OF_QUEUE
            ),
        ),
    ),
)

WORKERS = Row(
    title="Workers",
    panels=(
        Panel(
            title="Steps in flight",
            description="Steps that hold a slot, by worker. All at their slots: more workers, or"
            " more slots where steps only wait for answers.",
            queries=(
                Query(
                    expression="sum by (instance) (flowyard_worker_steps_in_flight)",
                    legend="{{instance}}",
                ),
            ),
            is_stacked=True,
        ),
        Panel(
            title="Results",
            description="Steps that were reported, by outcome. waiting goes on later.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_worker_steps_reported_total", "outcome"),
                    legend="{{outcome}}",
                ),
            ),
            is_stacked=True,
        ),
        Panel(
            title="Steps given back",
            description="Not run by a plugin gateway, by why. A few are stale; more of"
            " gateway_unavailable or draining means that gateways are away.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_worker_steps_not_run_total", "code"),
                    legend="{{code}}",
                ),
            ),
        ),
        Panel(
            title="Duration of steps",
            description="From being taken by a worker to its result, by queue.",
            unit="s",
            queries=quantiles("flowyard_worker_step_seconds", "queue", OF_QUEUE),
        ),
        Panel(
            title="Requests to plugin gateways",
            description="By how they ended; each carries a batch of steps, and lasts as long as the"
            " longest of them.",
            unit="reqps",
            queries=(
                Query(
                    expression=rate("flowyard_worker_gateway_request_seconds_count", "ended"),
                    legend="{{ended}}",
                ),
            ),
        ),
        Panel(
            title="Steps in a request",
            description="Larger ones cost less each; 1 is a quiet system.",
            queries=quantiles("flowyard_worker_batch_steps"),
        ),
    ),
)

GATEWAYS = Row(
    title="Plugin gateways",
    panels=(
        Panel(
            title="Steps held",
            description="In memory: running, waiting for another process, or not stored yet.",
            queries=(
                Query(
                    expression="sum by (instance) (flowyard_plugin_gateway_held_steps)",
                    legend="{{instance}}",
                ),
            ),
            is_stacked=True,
        ),
        Panel(
            title="Steps as they were taken",
            description="claimed is a fresh one. joined and stored are claims reused, barred waits"
            " for the attempt before, unknown and unknown_plugin fail.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_plugin_gateway_steps_total", "result"),
                    legend="{{result}}",
                ),
            ),
        ),
        Panel(
            title="What became of outcomes",
            description="stored is right. late and superseded are kept beside; lost has an alert.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_plugin_gateway_outcomes_total", "result"),
                    legend="{{result}}",
                ),
            ),
        ),
        Panel(
            title="Calls, by plugin",
            description="The twenty plugins that are called most.",
            unit="ops",
            queries=(
                Query(
                    expression="topk(20, "
                    f"{rate('flowyard_plugin_gateway_step_seconds_count', 'plugin', OF_PLUGIN)})",
                    legend="{{plugin}}",
                ),
            ),
        ),
        Panel(
            title="Slowest plugins",
            description="The twenty plugins of which one call in a hundred takes longest.",
            unit="s",
            queries=(
                Query(
                    expression="topk(20, histogram_quantile(0.99, sum by (le, plugin) (rate("
                    f"flowyard_plugin_gateway_step_seconds_bucket{{{OF_PLUGIN}}}[{RATE}]))))",
                    legend="{{plugin}}",
                ),
            ),
        ),
        Panel(
            title="Age of leases",
            description="Renewed every second or so. FlowyardGatewayLeaseOld comes at 4.5 s.",
            unit="s",
            queries=(
                Query(
                    expression="max by (instance) (flowyard_plugin_gateway_lease_age_seconds)",
                    legend="{{instance}}",
                ),
            ),
            steps=(4.5,),
        ),
        Panel(
            title="Cancellations",
            description="By how far they came; given_up leaves something running elsewhere.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_plugin_gateway_cancellations_total", "result"),
                    legend="{{result}}",
                ),
            ),
        ),
        Panel(
            title="Log lines of plugins",
            description="cut: an attempt's log is full. lost: Postgres did not take them in time.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_plugin_gateway_log_lines_total", "result"),
                    legend="{{result}}",
                ),
            ),
        ),
    ),
)

WORKERS_AND_QUEUES = Dashboard(
    uid="flowyard-queues",
    title="Flowyard / Workers and queues",
    description="Who waits for whom: queues, workers, plugin gateways, plugins.",
    variables=(QUEUE, PLUGIN),
    rows=(NOW, QUEUES, WORKERS, GATEWAYS),
)
"""For who has to find out why steps do not run."""
