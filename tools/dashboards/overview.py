"""The first page: do flows move, what is wrong, and which page says more."""

from tools.dashboards.dashboard import Dashboard
from tools.dashboards.panels import (
    RATE,
    Panel,
    Query,
    Row,
    mean,
    quantile,
    quantiles,
    rate,
    stat,
)

SERVICE = "on (job, instance) group_left (service) flowyard_service_info"
"""Gives the series of a process the name of its service."""

ERRORS = rate("flowyard_api_requests_total", where='status=~"5.."')

NOW = Row(
    title="Now",
    panels=(
        stat(
            "Alerts",
            "Alerts of Flowyard that fire. What to do about each: docs/runbooks.md.",
            'count(ALERTS{alertname=~"Flowyard.+", alertstate="firing"}) or vector(0)',
            steps=(1,),
        ),
        stat(
            "Processes",
            "Processes that answer; each service has to have one.",
            "sum(flowyard_service_info)",
        ),
        stat(
            "Running",
            "Instances that run, waiting ones among them.",
            'sum(flowyard_scheduler_instances{status="running"})',
        ),
        stat(
            "Steps per second",
            "Steps whose result was reported: the pulse of it all.",
            rate("flowyard_worker_steps_reported_total"),
            unit="ops",
        ),
        stat(
            "Oldest step",
            "Age of the oldest step that is ready and does not run, over all queues. Beyond a"
            " minute somebody is missing: see Workers and queues.",
            "max(flowyard_scheduler_oldest_step_seconds)",
            unit="s",
            steps=(10, 60),
        ),
        stat(
            "Failed nodes",
            "Failed nodes that wait for a person to decide.",
            'sum(flowyard_scheduler_waiting_nodes{reason="incident"}) or vector(0)',
            steps=(1, 100),
        ),
        stat(
            "Without reason",
            "Nodes that wait for nothing; anything but 0 is a fault of Flowyard.",
            "sum(flowyard_scheduler_nodes_without_reason)",
            steps=(1,),
        ),
        stat(
            "Errors of the API",
            "Share of requests that were answered with 5xx.",
            f"({ERRORS} or vector(0)) / {rate('flowyard_api_requests_total')}",
            unit="percentunit",
            steps=(0.005, 0.02),
        ),
        Panel(
            title="What alarms",
            description="Alerts that fire, or are about to. Empty is good.",
            kind="table",
            queries=(
                Query(
                    expression='ALERTS{alertname=~"Flowyard.+"}',
                    is_instant=True,
                ),
            ),
            width=24,
            height=5,
            hidden=("Value", "__name__", "job"),
            names={"alertname": "Alert", "alertstate": "State", "severity": "Severity"},
        ),
    ),
)

FLOWS = Row(
    title="Flows",
    panels=(
        Panel(
            title="Instances that end",
            description="By how they end; failed ones wait for a person and may go on.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_scheduler_instances_ended_total", "status"),
                    legend="{{status}}",
                ),
            ),
        ),
        Panel(
            title="Live instances",
            description="By status. Created ones stand in line until there is room.",
            queries=(
                Query(
                    expression="sum by (status) (flowyard_scheduler_instances)",
                    legend="{{status}}",
                ),
                Query(
                    expression="sum(flowyard_scheduler_waiting_starts)",
                    legend="in line to begin",
                ),
            ),
            is_stacked=False,
        ),
        Panel(
            title="What nodes wait for",
            description="Reached nodes that are not final, by reason. queued and running cost"
            " workers, all others nothing; incident waits for a person.",
            queries=(
                Query(
                    expression="sum by (reason) (flowyard_scheduler_waiting_nodes)",
                    legend="{{reason}}",
                ),
            ),
            is_stacked=True,
        ),
        Panel(
            title="Where a node's time goes",
            description="Mean of each part of a node's way, one upon the other: waiting for room in"
            " its queue, on the way to a worker, in its plugin, and until what follows is stored.",
            unit="s",
            queries=(
                Query(
                    expression=mean("flowyard_scheduler_ready_to_dispatched_seconds"),
                    legend="1 ready to dispatched",
                ),
                Query(
                    expression=mean("flowyard_scheduler_dispatched_to_started_seconds"),
                    legend="2 dispatched to started",
                ),
                Query(
                    expression=mean("flowyard_plugin_gateway_step_seconds"),
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
            title="Steps that wait, by queue",
            description="Steps that wait for room. A line that only rises needs more workers.",
            queries=(
                Query(
                    expression="sum by (queue) (flowyard_scheduler_queued_steps)",
                    legend="{{queue}}",
                ),
            ),
        ),
        Panel(
            title="Oldest step, by queue",
            description="Age of the oldest step that is ready and does not run. FlowyardStepsWait"
            " comes at 60 s.",
            unit="s",
            queries=(
                Query(
                    expression="max by (queue) (flowyard_scheduler_oldest_step_seconds)",
                    legend="{{queue}}",
                ),
            ),
            steps=(60,),
        ),
    ),
)

API = Row(
    title="API",
    panels=(
        Panel(
            title="Requests by status",
            description="5xx are errors of the API or of Postgres, 429 is admission, other 4xx are"
            " the callers'.",
            unit="reqps",
            queries=(
                Query(
                    expression=rate("flowyard_api_requests_total", "status"), legend="{{status}}"
                ),
            ),
            is_stacked=True,
        ),
        Panel(
            title="Duration of requests",
            description="Without live views and held answers.",
            unit="s",
            queries=quantiles("flowyard_api_request_seconds"),
        ),
        Panel(
            title="Slowest routes",
            description="The ten routes on which one request in a hundred takes longest.",
            unit="s",
            queries=(
                Query(
                    expression="topk(10, "
                    f"{quantile(0.99, 'flowyard_api_request_seconds', 'route')})",
                    legend="{{route}}",
                ),
            ),
        ),
        Panel(
            title="Refused starts",
            description="New instances that were answered with 429, by what was too long.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_api_refused_starts_total", "reason"),
                    legend="{{reason}}",
                ),
            ),
        ),
        Panel(
            title="Live views",
            description="Live views and held answers that are open.",
            queries=(
                Query(expression="sum by (instance) (flowyard_api_streams)", legend="{{instance}}"),
            ),
        ),
        Panel(
            title="Live views are behind by",
            description="From a change being stored to its being sent to who looks on.",
            unit="s",
            queries=quantiles("flowyard_api_live_view_lag_seconds"),
        ),
    ),
)

FAULTS = (
    ("flowyard_scheduler_stuck_nodes_total", "stuck nodes"),
    ("flowyard_scheduler_broken_instances_total", "broken instances"),
    ("flowyard_scheduler_failed_batches_total", "failed batches"),
    ("flowyard_scheduler_dead_letters_total", "dead letters (scheduler)"),
    ("flowyard_worker_dead_letters_total", "dead letters (worker)"),
    ("flowyard_scheduler_unknown_instances_total", "facts of unknown instances"),
)

PROCESSES = Row(
    title="Processes",
    panels=(
        Panel(
            title="What has to be 0",
            description="Within the last 15 minutes. Each has an alert and a runbook.",
            queries=tuple(
                Query(expression=f"sum(increase({metric}[15m]))", legend=name)
                for metric, name in FAULTS
            ),
        ),
        Panel(
            title="Processor time",
            description="In cores, of each process. One is all that a process can use: near it,"
            " more processes are needed.",
            queries=(
                Query(
                    expression=f"sum by (service, instance) (rate("
                    f"process_cpu_seconds_total[{RATE}]) * {SERVICE})",
                    legend="{{service}} {{instance}}",
                ),
            ),
            steps=(0.8, 0.95),
        ),
        Panel(
            title="Memory",
            description="Resident memory of each process.",
            unit="bytes",
            queries=(
                Query(
                    expression="sum by (service, instance) ("
                    f"process_resident_memory_bytes * {SERVICE})",
                    legend="{{service}} {{instance}}",
                ),
            ),
        ),
    ),
)

OVERVIEW = Dashboard(
    uid="flowyard-overview",
    title="Flowyard / Overview",
    description="Do flows move, what is wrong, and where to look further.",
    rows=(NOW, FLOWS, API, PROCESSES),
)
"""Begin here."""
