"""Presets: written with care for secrets, and laid under the inputs of a start."""

import uuid
from collections.abc import Mapping, Sequence

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.binding import has_reserved_key
from flowyard.engine.graph import VariableType
from flowyard.storage.presets import Preset, find_presets, write_preset
from flowyard.storage.templates import Template
from flowyard_api.catalog import Graphs
from flowyard_api.errors import ApiError, Fault, InvalidRequestError
from flowyard_api.models.instances import CreateInstance
from flowyard_api.usecases.shared_drafts import require_present


class UnknownPresetError(ApiError):
    """Raised for a preset that a template does not have."""

    code = "unknown_preset"


class PlainPasswordError(ApiError):
    """Raised for a preset that would keep a password for all to read."""

    code = "invalid_inputs"


async def save_preset(
    connection: AsyncConnection,
    graphs: Graphs,
    template: Template,
    name: str,
    *,
    description: str,
    inputs: Mapping[str, JsonValue],
    actor: str,
) -> Preset:
    """Create or replace a preset; its values are checked against the template when it is used.

    Raises
    ------
    InvalidRequestError
        Raised if a value holds a reference.
    PlainPasswordError
        Raised if an input that is a password now would be kept as it is.
    TemplateDeletedError
        Raised if the template is deleted.
    """
    require_present(template)
    for one, value in inputs.items():
        if has_reserved_key(value):
            message = f"Expected no key that begins with $, but input {one} has one"
            fault = Fault(loc=("body", "inputs", one), msg=message, type="reserved_key")
            raise InvalidRequestError(message, errors=[fault])
    await _refuse_passwords(connection, graphs, template, inputs)
    return await write_preset(
        connection,
        template.template_id,
        name,
        description=description,
        inputs=inputs,
        actor=actor,
    )


async def with_presets(
    connection: AsyncConnection,
    wanted: Sequence[CreateInstance],
    template_ids: Sequence[uuid.UUID],
    *,
    is_bulk: bool,
) -> list[CreateInstance]:
    """Return what is to be created, the values of its presets laid under the given inputs.

    Raises
    ------
    UnknownPresetError
        Raised if a template has no such preset.
    """
    asked = [
        None if one.preset is None else (template_id, one.preset)
        for one, template_id in zip(wanted, template_ids, strict=True)
    ]
    found = await find_presets(connection, list({key for key in asked if key is not None}))
    faults = [
        Fault(
            loc=("body", "items", index, "preset") if is_bulk else ("body", "preset"),
            msg=f"Expected template {wanted[index].template} to have a preset {key[1]},"
            " but it has none",
            type="unknown_preset",
        )
        for index, key in enumerate(asked)
        if key is not None and key not in found
    ]
    if faults:
        raise UnknownPresetError(faults[0].msg, errors=faults)
    return [
        one
        if key is None
        else one.model_copy(update={"inputs": {**found[key].inputs, **one.inputs}})
        for one, key in zip(wanted, asked, strict=True)
    ]


async def _refuse_passwords(
    connection: AsyncConnection,
    graphs: Graphs,
    template: Template,
    inputs: Mapping[str, JsonValue],
) -> None:
    if template.latest_version is None:
        return
    graph = await graphs.find(connection, template.template_id, template.latest_version)
    faults = [
        Fault(
            loc=("body", "inputs", spec.name),
            msg=f'Expected {{"secret": "NAME"}} for password {spec.name}, but it is another value',
            type="plain_password",
        )
        for spec in graph.inputs
        if spec.type is VariableType.PASSWORD
        and spec.name in inputs
        and not _is_secret(inputs[spec.name])
    ]
    if faults:
        raise PlainPasswordError(faults[0].msg, errors=faults)


def _is_secret(value: JsonValue) -> bool:
    return isinstance(value, dict) and value.keys() == {"secret"}
