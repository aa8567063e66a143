"""What every service's settings share; the only module that reads the environment.

Each service has one frozen ``Settings`` built from these parts. A field ``x`` of
the worker is read from ``FLOWYARD_WORKER_X``; where the services share a value,
``FLOWYARD_X`` serves them all and the longer name overrides it.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def shared(service: str, field: str, default: Any = ..., description: str = "") -> Any:
    """Return a field that is read from the service's own variable, else from the shared one.

    Parameters
    ----------
    service
        Upper case, with underscores, as in ``PLUGIN_GATEWAY``.
    field
        The field's own name.
    default
        Value when neither is set; left out, the field is required.
    description
        One sentence for people.
    """
    name = field.upper()
    return Field(
        default,
        validation_alias=AliasChoices(f"FLOWYARD_{service}_{name}", f"FLOWYARD_{name}", field),
        description=description,
    )


class ServiceSettings(BaseSettings):
    """Base of every service's settings."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def own_secrets(settings: BaseSettings) -> Iterator[str]:
    """Yield what no log may show of a service's settings: its keys, and passwords in addresses."""
    for value in dict(settings).values():
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, str) and "://" in value:
            with suppress(ValueError):
                address = urlsplit(value)
                # What stands beside it for all to see is none, and a word of many messages.
                if address.password and address.password not in (address.username, address.path):
                    yield address.password
                    yield unquote(address.password)


__all__ = ["SecretStr", "ServiceSettings", "SettingsConfigDict", "own_secrets", "shared"]
