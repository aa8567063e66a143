"""Which services there are, and starting one of them with settings from the environment."""

import importlib
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from pydantic import AliasChoices, ValidationError

from flowyard.settings import ServiceSettings, own_secrets
from flowyard_cli.errors import UsageError, needing
from flowyard_cli.running import run_loop, run_until_stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntry:
    """Where a service lies, and what has to be installed for it."""

    package: str
    class_name: str
    extra: str
    env_prefix: str


SERVICES = {
    "api": ServiceEntry(
        package="flowyard_api", class_name="ApiService", extra="api", env_prefix="FLOWYARD_API_"
    ),
    "scheduler": ServiceEntry(
        package="flowyard_scheduler",
        class_name="SchedulerService",
        extra="scheduler",
        env_prefix="FLOWYARD_SCHEDULER_",
    ),
    "worker": ServiceEntry(
        package="flowyard_worker",
        class_name="WorkerService",
        extra="worker",
        env_prefix="FLOWYARD_WORKER_",
    ),
    "plugin-gateway": ServiceEntry(
        package="flowyard_plugin_gateway",
        class_name="PluginGatewayService",
        extra="gateway",
        env_prefix="FLOWYARD_PLUGIN_GATEWAY_",
    ),
}
"""The services by the name of their command."""


def serve(name: str, *, log_level: str) -> None:
    """Run one service until it is told to stop.

    Raises
    ------
    MissingExtraError
        Raised if the service's packages are not installed.
    UsageError
        Raised if a setting is missing or cannot be read.
    """
    service, settings = _load(name)
    run_loop(_serve(name, service, settings, log_level))


async def _serve(
    name: str,
    service: AbstractAsyncContextManager[Any],
    settings: ServiceSettings,
    log_level: str,
) -> None:
    from flowyard.telemetry.logs import configure_logs, hidden_in_logs  # noqa: PLC0415
    from flowyard.telemetry.masking import Masker  # noqa: PLC0415

    configure_logs(name, level=log_level)
    masker = Masker()
    for secret in own_secrets(settings):
        masker.add(secret)
    with hidden_in_logs(masker.mask):
        await run_until_stopped(service)


def load_service(name: str) -> AbstractAsyncContextManager[Any]:
    """Return a service built from its settings, not started; raises like :func:`serve`."""
    return _load(name)[0]


def _load(name: str) -> tuple[AbstractAsyncContextManager[Any], ServiceSettings]:
    entry = SERVICES[name]
    with needing(name, entry.extra):
        main = importlib.import_module(f"{entry.package}.main")
        settings_module = importlib.import_module(f"{entry.package}.settings")
    model: type[ServiceSettings] = settings_module.Settings
    try:
        settings = model()
    except ValidationError as error:
        raise UsageError(_settings_words(entry, model, error)) from error
    service: AbstractAsyncContextManager[Any] = getattr(main, entry.class_name)(settings=settings)
    return service, settings


def _settings_words(
    entry: ServiceEntry, model: type[ServiceSettings], error: ValidationError
) -> str:
    lines = [f"Expected settings for {entry.package} in the environment, but:"]
    for item in error.errors(include_url=False, include_input=False):
        # What several settings have to be together is said with their names.
        named = f"{_variables(entry, model, str(item['loc'][0]))}: " if item["loc"] else ""
        lines.append(f"  {named}{item['msg']}")
    return "\n".join(lines)


def _variables(entry: ServiceEntry, model: type[ServiceSettings], place: str) -> str:
    """Return the environment variables that a field is read from."""
    for field in model.model_fields.values():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices) and place in alias.choices:
            names = (choice for choice in alias.choices if isinstance(choice, str))
            return " or ".join(name for name in names if name.isupper())
    return f"{entry.env_prefix}{place.upper()}"
