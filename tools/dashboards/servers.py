"""Postgres and Kafka, as Flowyard sees them: what it waits for, and what it finds there."""

from tools.dashboards.dashboard import Dashboard
from tools.dashboards.overview import SERVICE
from tools.dashboards.panels import RATE, Panel, Query, Row, quantile, quantiles, rate, stat

NOW = Row(
    title="Now",
    panels=(
        stat(
            "Connections",
            "Share of the connections that may be opened which are in use.",
            'sum(flowyard_postgres_pool_connections{state="in_use"})'
            " / sum(flowyard_postgres_pool_connections)",
            unit="percentunit",
            steps=(0.7, 0.9),
            width=4,
        ),
        stat(
            "A transaction takes",
            "For one in a hundred, over all services.",
            quantile(0.99, "flowyard_postgres_transaction_seconds"),
            unit="s",
            steps=(0.1, 0.5),
            width=4,
        ),
        stat(
            "A batch's commit takes",
            "For one in a hundred; every node waits for one.",
            quantile(0.99, "flowyard_scheduler_commit_seconds"),
            unit="s",
            steps=(0.1, 0.5),
            width=4,
        ),
        stat(
            "Records not read",
            "Of all topics and readers.",
            "sum(flowyard_kafka_lag_records)",
            steps=(1000, 5000),
            width=4,
        ),
        stat(
            "Partitions owned",
            "By all schedulers together; as many as instances are cut into.",
            "sum(flowyard_scheduler_partition_owned)",
            width=4,
        ),
        stat(
            "Dead letters",
            "Records put aside within 15 minutes, as they could not be decoded.",
            "sum(increase(flowyard_scheduler_dead_letters_total[15m]))"
            " + sum(increase(flowyard_worker_dead_letters_total[15m]))",
            steps=(1,),
            width=4,
        ),
    ),
)

POSTGRES = Row(
    title="Postgres",
    panels=(
        Panel(
            title="Connections, by service",
            description="In use; hot pools carry the statements on the path of every node.",
            queries=(
                Query(
                    expression="sum by (service, pool) (flowyard_postgres_pool_connections"
                    f'{{state="in_use"}} * {SERVICE})',
                    legend="{{service}} {{pool}}",
                ),
            ),
        ),
        Panel(
            title="Connections left",
            description="Idle ones, and those that may still be opened, by process. At 0 its users"
            " wait.",
            queries=(
                Query(
                    expression="sum by (service, instance, pool) ("
                    f'flowyard_postgres_pool_connections{{state!="in_use"}} * {SERVICE})',
                    legend="{{service}} {{instance}} {{pool}}",
                ),
            ),
        ),
        Panel(
            title="Waiting for a connection",
            description="For one user in a hundred. FlowyardWaitsForPostgres comes at 0.5 s.",
            unit="s",
            queries=(
                Query(
                    expression="histogram_quantile(0.99, sum by (le, service, pool) (rate("
                    f"flowyard_postgres_wait_seconds_bucket[{RATE}]) * {SERVICE}))",
                    legend="{{service}} {{pool}}",
                ),
            ),
            steps=(0.5,),
        ),
        Panel(
            title="Transactions",
            description="Per second, by service.",
            unit="ops",
            queries=(
                Query(
                    expression="sum by (service) (rate("
                    f"flowyard_postgres_transaction_seconds_count[{RATE}]) * {SERVICE})",
                    legend="{{service}}",
                ),
            ),
            is_stacked=True,
        ),
        Panel(
            title="Duration of transactions",
            description="For one in a hundred, by service; what is decided within it included.",
            unit="s",
            queries=(
                Query(
                    expression="histogram_quantile(0.99, sum by (le, service) (rate("
                    f"flowyard_postgres_transaction_seconds_bucket[{RATE}]) * {SERVICE}))",
                    legend="{{service}}",
                ),
            ),
        ),
        Panel(
            title="Commit of a batch",
            description="Postgres' share of hop 3.",
            unit="s",
            queries=quantiles("flowyard_scheduler_commit_seconds"),
            steps=(0.5,),
        ),
        Panel(
            title="Facts in a batch",
            description="Grows with load by itself, and makes each fact cheaper.",
            queries=quantiles("flowyard_scheduler_batch_events"),
        ),
        Panel(
            title="Decided again",
            description="Instances that another scheduler had changed meanwhile. Some in a"
            " takeover are right.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_scheduler_revision_conflicts_total"),
                    legend="revision conflicts",
                ),
            ),
        ),
    ),
)

KAFKA = Row(
    title="Kafka",
    panels=(
        Panel(
            title="Records not read, by topic",
            description="instance-event is read by schedulers, node-ready by workers,"
            " instance-change by the API. The window keeps node-ready shallow, whatever waits.",
            queries=(
                Query(expression="sum by (topic) (flowyard_kafka_lag_records)", legend="{{topic}}"),
            ),
            steps=(5000,),
        ),
        Panel(
            title="Records not read, by partition",
            description="The twenty deepest. One alone: its reader hangs.",
            queries=(
                Query(
                    expression="topk(20, sum by (topic, partition) (flowyard_kafka_lag_records))",
                    legend="{{topic}} {{partition}}",
                ),
            ),
        ),
        Panel(
            title="Partitions, by scheduler",
            description="How instances are spread. A step is a takeover.",
            queries=(
                Query(
                    expression="sum by (instance) (flowyard_scheduler_partition_owned)",
                    legend="{{instance}}",
                ),
            ),
            is_stacked=True,
        ),
        Panel(
            title="Owners of partitions",
            description="Owners of each partition: 1 is right, 0 stands still, 2 is a takeover, or"
            " a scheduler that does not know that it has lost it.",
            kind="state-timeline",
            queries=(
                Query(
                    expression="sum by (topic, partition) (flowyard_scheduler_partition_owned)",
                    legend="{{partition}}",
                ),
            ),
            width=12,
            steps=(2,),
        ),
        Panel(
            title="Who owns what",
            description="The owner map, of now.",
            kind="table",
            queries=(
                Query(
                    expression="sum by (topic, partition, instance) ("
                    "flowyard_scheduler_partition_owned) > 0",
                    is_instant=True,
                ),
            ),
            width=12,
            hidden=("Value",),
            names={"topic": "Topic", "partition": "Partition", "instance": "Scheduler"},
        ),
        Panel(
            title="Doorbells",
            description="What the API rings for commands. dropped and failed ones are found by"
            " repair, seconds later.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_api_doorbells_total", "outcome"),
                    legend="{{outcome}}",
                ),
            ),
        ),
        Panel(
            title="Facts that changed nothing",
            description="Repeated or late ones. Many of them: Kafka delivers again, or processes"
            " were away.",
            unit="ops",
            queries=(
                Query(expression=rate("flowyard_scheduler_stale_facts_total"), legend="stale"),
                Query(
                    expression=rate("flowyard_scheduler_duplicate_facts_total"),
                    legend="of which duplicates",
                ),
            ),
        ),
        Panel(
            title="Brought on by repair",
            description="What records should have brought on. FlowyardMuchRepaired comes at 100"
            " within 15 minutes.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_scheduler_repairs_total", "kind"), legend="{{kind}}"
                ),
            ),
        ),
    ),
)

AROUND = Row(
    title="Retention and webhooks",
    panels=(
        Panel(
            title="Instances moved out",
            description="Ended instances that were archived or deleted.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_api_retired_instances_total", "mode"),
                    legend="{{mode}}",
                ),
                Query(
                    expression=rate("flowyard_api_retire_failures_total", "reason"),
                    legend="failed batches: {{reason}}",
                ),
            ),
        ),
        Panel(
            title="Instances to be moved out",
            description="Old enough and still there. A line that only rises: retention does not"
            " keep up, or fails.",
            queries=(
                Query(expression="max(flowyard_api_retirable_instances)", legend="to be moved"),
            ),
        ),
        Panel(
            title="Webhooks",
            description="Tries to deliver, by result. given_up is not tried again.",
            unit="ops",
            queries=(
                Query(
                    expression=rate("flowyard_plugin_gateway_webhook_deliveries_total", "result"),
                    legend="{{result}}",
                ),
            ),
        ),
        Panel(
            title="Deliveries that wait",
            description="What enabled webhooks have not taken yet.",
            queries=(
                Query(expression="max(flowyard_plugin_gateway_webhook_pending)", legend="waiting"),
            ),
        ),
        Panel(
            title="Oldest delivery",
            description="FlowyardWebhooksLate comes at 900 s.",
            unit="s",
            queries=(
                Query(
                    expression="max(flowyard_plugin_gateway_webhook_oldest_seconds)",
                    legend="oldest",
                ),
            ),
            steps=(900,),
        ),
    ),
)

SERVERS = Dashboard(
    uid="flowyard-servers",
    title="Flowyard / Postgres and Kafka",
    description="Postgres and Kafka as Flowyard sees them.",
    rows=(NOW, POSTGRES, KAFKA, AROUND),
)
"""For who runs the servers."""
