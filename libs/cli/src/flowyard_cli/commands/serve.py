"""``flowyard api|scheduler|worker|plugin-gateway|migrate``: one process of a cluster."""

from enum import StrEnum
from typing import Annotated

import typer

from flowyard_cli.errors import needing
from flowyard_cli.running import run_loop
from flowyard_cli.services import serve
from flowyard_cli.settings import OperatorSettings


class LogLevel(StrEnum):
    """Lowest level that is written to the log."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class MigrationPhase(StrEnum):
    """Which half of an upgrade is done."""

    EXPAND = "expand"
    CONTRACT = "contract"


PhaseOption = Annotated[
    MigrationPhase,
    typer.Option(
        "--phase",
        case_sensitive=False,
        help="expand, before the first new process starts; or contract, after the last old one"
        " has gone: nothing leads back from there.",
    ),
]
"""How far an upgrade is brought."""


LogLevelOption = Annotated[
    LogLevel,
    typer.Option(
        "--log-level",
        envvar="FLOWYARD_LOG_LEVEL",
        case_sensitive=False,
        help="Lowest level that is written, as JSON lines.",
    ),
]
"""How much a service says."""


def api(*, log_level: LogLevelOption = LogLevel.INFO) -> None:
    """Run the HTTP API; settings come from FLOWYARD_API_*."""
    serve("api", log_level=log_level)


def scheduler(*, log_level: LogLevelOption = LogLevel.INFO) -> None:
    """Run a scheduler; settings come from FLOWYARD_SCHEDULER_*."""
    serve("scheduler", log_level=log_level)


def worker(*, log_level: LogLevelOption = LogLevel.INFO) -> None:
    """Run a worker; settings come from FLOWYARD_WORKER_*."""
    serve("worker", log_level=log_level)


def plugin_gateway(*, log_level: LogLevelOption = LogLevel.INFO) -> None:
    """Run a plugin gateway; settings come from FLOWYARD_PLUGIN_GATEWAY_*."""
    serve("plugin-gateway", log_level=log_level)


def migrate(
    *,
    phase: PhaseOption = MigrationPhase.EXPAND,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Bring the database to this release's schema, and create the topics.

    An empty database gets all of it. On one that is in use, what the release before needs
    stays until --phase contract (docs/upgrades.md). Waits until Postgres (FLOWYARD_DATABASE_URL)
    and, where FLOWYARD_KAFKA_SERVERS is set, Kafka answer.
    """
    with needing("migrate", "api"):
        from flowyard.storage.migrate import Phase  # noqa: PLC0415
        from flowyard.telemetry.logs import configure_logs  # noqa: PLC0415
        from flowyard_cli.migrating import migrate_all  # noqa: PLC0415
    configure_logs("migrate", level=log_level)
    run_loop(migrate_all(OperatorSettings(), Phase(phase)))
