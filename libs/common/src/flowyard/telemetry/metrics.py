"""The closed list of metrics, and where one service counts them.

A metric that is not in :data:`METRICS` does not exist: a name is added here, to
:data:`MetricName` and to the table, before anything can count under it. Names
read ``flowyard_<room>_<what>_<unit>``; ``docs/metrics.md`` is made from the table.
What a label may read stands beside it, in the table or in
:mod:`flowyard.telemetry.metric_labels`; whatever else is counted reads ``other``.
"""

from collections.abc import Mapping
from typing import Literal

from flowyard.telemetry.metric_definition import (
    BATCH_SIZES,
    HOP_SECONDS,
    MetricDefinition,
    counter,
    gauge,
    histogram,
    one_of,
)
from flowyard.telemetry.metric_labels import (
    COMMAND,
    END_STATUS,
    HTTP_STATUS,
    LIVE_STATUS,
    METHOD,
    NOT_RUN,
    PARTITION,
    PLUGIN,
    POOL,
    QUEUE,
    ROUTE,
    SERVICE,
    STEP_RESULT,
    TOPIC,
    WAIT_REASON,
)
from flowyard.telemetry.metric_registry import MetricRegistry

MetricName = Literal[
    "flowyard_api_changes_total",
    "flowyard_api_commands_total",
    "flowyard_api_doorbells_total",
    "flowyard_api_live_view_lag_seconds",
    "flowyard_api_log_reads_total",
    "flowyard_api_refused_starts_total",
    "flowyard_api_request_seconds",
    "flowyard_api_requests_total",
    "flowyard_api_retirable_instances",
    "flowyard_api_retire_batch_seconds",
    "flowyard_api_retire_failures_total",
    "flowyard_api_retired_instances_total",
    "flowyard_api_streams",
    "flowyard_kafka_lag_records",
    "flowyard_plugin_gateway_cancellations_total",
    "flowyard_plugin_gateway_held_steps",
    "flowyard_plugin_gateway_lease_age_seconds",
    "flowyard_plugin_gateway_log_lines_total",
    "flowyard_plugin_gateway_outcomes_total",
    "flowyard_plugin_gateway_step_seconds",
    "flowyard_plugin_gateway_steps_total",
    "flowyard_plugin_gateway_webhook_deliveries_total",
    "flowyard_plugin_gateway_webhook_delivery_seconds",
    "flowyard_plugin_gateway_webhook_oldest_seconds",
    "flowyard_plugin_gateway_webhook_pending",
    "flowyard_postgres_pool_connections",
    "flowyard_postgres_transaction_seconds",
    "flowyard_postgres_wait_seconds",
    "flowyard_scheduler_batch_events",
    "flowyard_scheduler_batch_seconds",
    "flowyard_scheduler_broken_instances_total",
    "flowyard_scheduler_commit_seconds",
    "flowyard_scheduler_dead_letters_total",
    "flowyard_scheduler_dispatched_to_started_seconds",
    "flowyard_scheduler_duplicate_facts_total",
    "flowyard_scheduler_failed_batches_total",
    "flowyard_scheduler_finished_to_ready_seconds",
    "flowyard_scheduler_handed_out_steps",
    "flowyard_scheduler_held_instances",
    "flowyard_scheduler_instances",
    "flowyard_scheduler_instances_ended_total",
    "flowyard_scheduler_nodes_without_reason",
    "flowyard_scheduler_oldest_step_seconds",
    "flowyard_scheduler_overdue_nodes_total",
    "flowyard_scheduler_partition_owned",
    "flowyard_scheduler_queue_window",
    "flowyard_scheduler_queued_steps",
    "flowyard_scheduler_ready_to_dispatched_seconds",
    "flowyard_scheduler_rejected_commands_total",
    "flowyard_scheduler_repairs_total",
    "flowyard_scheduler_revision_conflicts_total",
    "flowyard_scheduler_stale_facts_total",
    "flowyard_scheduler_stuck_nodes_total",
    "flowyard_scheduler_unknown_instances_total",
    "flowyard_scheduler_waiting_nodes",
    "flowyard_scheduler_waiting_starts",
    "flowyard_service_info",
    "flowyard_worker_batch_steps",
    "flowyard_worker_dead_letters_total",
    "flowyard_worker_gateway_request_seconds",
    "flowyard_worker_running_reports_total",
    "flowyard_worker_step_seconds",
    "flowyard_worker_steps_in_flight",
    "flowyard_worker_steps_not_run_total",
    "flowyard_worker_steps_reported_total",
]
"""Every name that can be counted under, in alphabetical order."""

METRICS: Mapping[MetricName, MetricDefinition] = {
    "flowyard_api_changes_total": counter("Changes of instances that were read for live views."),
    "flowyard_api_commands_total": counter("Commands that were stored.", COMMAND),
    "flowyard_api_doorbells_total": counter(
        "Doorbells and news of drafts, by whether they were told; repair finds the others.",
        one_of("outcome", "rung", "dropped", "failed"),
    ),
    "flowyard_api_live_view_lag_seconds": histogram(
        "Time from a change being stored to a live view being sent it, by the clocks of both.",
        buckets=HOP_SECONDS,
    ),
    "flowyard_api_log_reads_total": counter(
        "Reads of logs that are followed, by whom: feed (all of them together, for everybody) or"
        " reader (one who is behind).",
        one_of("by", "feed", "reader"),
    ),
    "flowyard_api_refused_starts_total": counter(
        "New instances that were refused as too many, by what is too long: line (of starts), or"
        " queue.",
        one_of("reason", "line", "queue"),
    ),
    "flowyard_api_request_seconds": histogram(
        "Duration of a request, live views and held answers apart.", ROUTE
    ),
    "flowyard_api_requests_total": counter(
        "HTTP requests that were answered.", METHOD, ROUTE, HTTP_STATUS
    ),
    "flowyard_api_retirable_instances": gauge(
        "Instances that are old enough to be archived or deleted and still there, at the last look;"
        " those that others have started apart, and each project counted up to 100,000."
    ),
    "flowyard_api_retire_batch_seconds": histogram(
        "Time from looking for ended instances to having a batch of them stored and deleted."
    ),
    "flowyard_api_retire_failures_total": counter(
        "Batches of ended instances that stayed as they were: archive, database or the job failed.",
        one_of("reason", "archive", "database", "unexpected"),
    ),
    "flowyard_api_retired_instances_total": counter(
        "Ended instances that were archived or deleted.", one_of("mode", "archive", "delete")
    ),
    "flowyard_api_streams": gauge("Live views and held answers that are open now."),
    "flowyard_kafka_lag_records": gauge(
        "Records behind what a consumer of this process has read, as its last fetch told.",
        TOPIC,
        PARTITION,
    ),
    "flowyard_plugin_gateway_cancellations_total": counter(
        "Cancellations by how far they came: stopped (a run here was told to stop), asked (a plugin"
        " stopped what it had begun elsewhere), failed (it could not, for this time), given_up or"
        " confirmed.",
        one_of("result", "stopped", "asked", "failed", "given_up", "confirmed"),
    ),
    "flowyard_plugin_gateway_held_steps": gauge(
        "Steps in memory: running, waiting for another process, or not stored yet."
    ),
    "flowyard_plugin_gateway_lease_age_seconds": gauge(
        "Time since the process's lease was renewed; from 4.5 s on it begins nothing."
    ),
    "flowyard_plugin_gateway_log_lines_total": counter(
        "Log lines of plugins by what became of them: stored, cut (the attempt's log is full) or"
        " lost.",
        one_of("result", "stored", "cut", "lost"),
    ),
    "flowyard_plugin_gateway_outcomes_total": counter(
        "Outcomes by what became of them: stored, late, superseded or lost.",
        one_of("result", "stored", "late", "superseded", "lost"),
    ),
    "flowyard_plugin_gateway_step_seconds": histogram("Duration of plugin calls.", PLUGIN),
    "flowyard_plugin_gateway_steps_total": counter(
        "Delivered steps by how they were taken: claimed, unclaimed, joined, barred (the attempt"
        " before still ends), stored, unknown, stale, draining or unknown_plugin. Claims reused are"
        " joined (a run under way) and stored (its outcome was given again).",
        STEP_RESULT,
    ),
    "flowyard_plugin_gateway_webhook_deliveries_total": counter(
        "Tries to deliver to webhooks: delivered, failed (to be tried again), given_up, or late"
        " (another gateway had taken it over).",
        one_of("result", "delivered", "failed", "given_up", "late"),
    ),
    "flowyard_plugin_gateway_webhook_delivery_seconds": histogram("Duration of calls of webhooks."),
    "flowyard_plugin_gateway_webhook_oldest_seconds": gauge(
        "For how long the oldest delivery of an enabled webhook has been due; every gateway tells"
        " the same."
    ),
    "flowyard_plugin_gateway_webhook_pending": gauge(
        "Deliveries that enabled webhooks have not taken yet; every gateway tells the same."
    ),
    "flowyard_postgres_pool_connections": gauge(
        "Connections: in_use, idle, or free to be opened; together, as many as may be open.",
        POOL,
        one_of("state", "in_use", "idle", "free"),
    ),
    "flowyard_postgres_transaction_seconds": histogram(
        "Time for which a connection was used: a transaction, and what is decided within it.",
        POOL,
        buckets=HOP_SECONDS,
    ),
    "flowyard_postgres_wait_seconds": histogram(
        "Time until a connection was there to be used.", POOL, buckets=HOP_SECONDS
    ),
    "flowyard_scheduler_batch_events": histogram("Facts in one batch.", buckets=BATCH_SIZES),
    "flowyard_scheduler_batch_seconds": histogram("Time from having a batch to having it stored."),
    "flowyard_scheduler_broken_instances_total": counter(
        "Instances that the engine failed on; each is an incident for a person."
    ),
    "flowyard_scheduler_commit_seconds": histogram(
        "Time in which Postgres has stored a batch.", buckets=HOP_SECONDS
    ),
    "flowyard_scheduler_dead_letters_total": counter(
        "Records that could not be decoded.", one_of("code", "undecodable")
    ),
    "flowyard_scheduler_dispatched_to_started_seconds": histogram(
        "Second hop: from handing an attempt's first step to the broker to its plugin's begin, by"
        " the clock of who ran it.",
        QUEUE,
        buckets=HOP_SECONDS,
    ),
    "flowyard_scheduler_duplicate_facts_total": counter(
        "Facts that only say again what is stored; they are among the stale ones."
    ),
    "flowyard_scheduler_failed_batches_total": counter(
        "Batches that failed for a reason nobody has thought of; they are tried again."
    ),
    "flowyard_scheduler_finished_to_ready_seconds": histogram(
        "Third hop: from a result being reported, by the time of its record, to the next steps"
        " being stored as ready.",
        buckets=HOP_SECONDS,
    ),
    "flowyard_scheduler_handed_out_steps": gauge(
        "Steps that are handed out and not finished.", QUEUE
    ),
    "flowyard_scheduler_held_instances": gauge("Instances in the owner's memory."),
    "flowyard_scheduler_overdue_nodes_total": counter(
        "Nodes that had to be looked at again because nothing was heard of them.", WAIT_REASON
    ),
    "flowyard_scheduler_instances": gauge(
        "Instances that have not ended, of the partitions owned; counted every 15 s, and less often"
        " where ever so many live.",
        LIVE_STATUS,
    ),
    "flowyard_scheduler_instances_ended_total": counter(
        "Instances that have ended, or failed: those wait for a person and may go on.", END_STATUS
    ),
    "flowyard_scheduler_nodes_without_reason": gauge(
        "Reached nodes that are not final and wait for nothing; 0 unless something is broken."
    ),
    "flowyard_scheduler_oldest_step_seconds": gauge(
        "Age of the oldest step that is not known to run.", QUEUE, PLUGIN, other="most"
    ),
    "flowyard_scheduler_partition_owned": gauge(
        "1 for each partition of instances that this process owns; all processes together own"
        " each once.",
        TOPIC,
        PARTITION,
    ),
    "flowyard_scheduler_queue_window": gauge(
        "Most steps that are handed out now; as many as begin soon.", QUEUE
    ),
    "flowyard_scheduler_queued_steps": gauge(
        "Steps that wait for room in their queue's window.", QUEUE
    ),
    "flowyard_scheduler_ready_to_dispatched_seconds": histogram(
        "First hop: from a step being ready, and stored, to its record being handed to the"
        " broker; the wait for room in the queue's window.",
        QUEUE,
        buckets=HOP_SECONDS,
    ),
    "flowyard_scheduler_rejected_commands_total": counter(
        "Commands that were not allowed when they were read."
    ),
    "flowyard_scheduler_repairs_total": counter(
        "What repair has found and brought on: commands and starts that had lain for 3 s, steps"
        " handed out again, ends of children that nobody told, lines of concurrency keys.",
        one_of("kind", "command", "start", "step", "child", "slot"),
    ),
    "flowyard_scheduler_revision_conflicts_total": counter(
        "Instances that were decided again because another scheduler had changed them, or somebody"
        " the webhooks."
    ),
    "flowyard_scheduler_stale_facts_total": counter(
        "Facts about closed attempts or older steps; they changed nothing. Duplicates are among"
        " them."
    ),
    "flowyard_scheduler_stuck_nodes_total": counter(
        "Looks at nodes that nothing brings on: overdue again without a word since, or without a"
        " reason to wait. More than 0 is a fault, or nobody takes a queue's steps.",
        one_of("kind", "overdue", "reasonless"),
    ),
    "flowyard_scheduler_unknown_instances_total": counter(
        "Facts and doorbells about instances that do not exist."
    ),
    "flowyard_scheduler_waiting_nodes": gauge(
        "Reached nodes that are not final, by what they wait for, of the partitions owned;"
        " counted every 15 s, and less often where ever so many wait.",
        WAIT_REASON,
    ),
    "flowyard_scheduler_waiting_starts": gauge(
        "New instances that wait for room before they begin."
    ),
    "flowyard_service_info": gauge("1 for the service that answers.", SERVICE),
    "flowyard_worker_batch_steps": histogram(
        "Steps in one request to a plugin gateway.", buckets=BATCH_SIZES
    ),
    "flowyard_worker_dead_letters_total": counter(
        "Records that could not be decoded.", one_of("code", "undecodable")
    ),
    "flowyard_worker_gateway_request_seconds": histogram(
        "Duration of a request to a plugin gateway, from the first byte out to the last byte in.",
        one_of("ended", "complete", "unavailable", "unreadable", "refused"),
    ),
    "flowyard_worker_running_reports_total": counter("Reports that a step is still running."),
    "flowyard_worker_step_seconds": histogram(
        "Time from taking a step to knowing its result.", QUEUE
    ),
    "flowyard_worker_steps_in_flight": gauge("Steps that hold a slot now."),
    "flowyard_worker_steps_not_run_total": counter(
        "Steps that a plugin gateway gave back: stale ones, and ones to be offered again.", NOT_RUN
    ),
    "flowyard_worker_steps_reported_total": counter(
        "Results that were published to the owners of their instances.",
        one_of("outcome", "succeeded", "failed", "waiting"),
    ),
}
"""What each metric is, keyed by its name."""


class Metrics(MetricRegistry[MetricName]):
    """The metrics of one service.

    Parameters
    ----------
    service
        The service's name, as in ``worker``.
    """

    def __init__(self, service: str) -> None:
        super().__init__(METRICS)
        self.begin_at_zero(f"flowyard_{service.replace('-', '_')}_")
        self.set("flowyard_service_info", 1, service=service)
