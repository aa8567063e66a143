"""What a list is asked for, with the saved filter that the question names."""

import uuid
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.instance_filter import InstanceFilter
from flowyard.storage.saved_filters import find_filter
from flowyard.storage.template_lists import TemplateFilter
from flowyard_api.errors import Fault, InvalidRequestError
from flowyard_api.models.lists import InstanceQuery, ListQuery, TemplateQuery

QueryT = TypeVar("QueryT", bound=ListQuery)

RESOURCES: Mapping[str, type[ListQuery]] = {"instances": InstanceQuery, "templates": TemplateQuery}
"""What may be filtered, and the parameters of its list."""


async def with_filter(
    connection: AsyncConnection, project_id: uuid.UUID, query: QueryT, *, actor: str
) -> QueryT:
    """Return a question completed by the filter that it names; what it says itself goes first.

    Raises
    ------
    NotFoundError
        Raised if there is no such filter.
    InvalidRequestError
        Raised if the filter has parameters that the list no longer takes.
    """
    if query.filter is None:
        return query
    resource = next(name for name, model in RESOURCES.items() if isinstance(query, model))
    saved = await find_filter(connection, project_id, resource, query.filter, actor=actor)
    given = {name: getattr(query, name) for name in query.model_fields_set}
    return _validated(type(query), {**saved.parameters, **given}, place="query")


def checked_parameters(resource: str, parameters: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return a filter's parameters in the form in which they are kept.

    Raises
    ------
    InvalidRequestError
        Raised if the list does not take them.
    """
    model = RESOURCES[resource]
    unknown = [name for name in parameters if name not in model.model_fields or name == "filter"]
    if unknown:
        known = ", ".join(sorted(set(model.model_fields) - {"filter"}))
        faults = [
            Fault(
                loc=("body", "parameters", name),
                msg=f"Expected one of {known}, but {name} is none of them",
                type="unknown_parameter",
            )
            for name in unknown
        ]
        raise InvalidRequestError(faults[0].msg, errors=faults)
    query = _validated(model, parameters, place="body")
    labels_of(query, place="body")
    kept: dict[str, JsonValue] = query.model_dump(mode="json", exclude_unset=True)
    return kept


def instance_filter(query: InstanceQuery) -> InstanceFilter:
    """Return which instances a question is about."""
    return InstanceFilter(
        statuses=[one.value for one in query.status or ()],
        template=query.template,
        labels=labels_of(query),
        text=query.text,
        actor=query.actor,
        created_after=query.created_after,
        created_before=query.created_before,
        reasons=[one.value for one in query.reason or ()],
        is_mock=query.is_mock,
    )


def template_filter(query: TemplateQuery, *, actor: str) -> TemplateFilter:
    """Return which templates a question is about."""
    return TemplateFilter(
        scope=query.scope,
        text=query.text,
        labels=labels_of(query),
        category=query.category,
        favourite_of=actor if query.favourite else None,
        is_deleted=query.deleted,
    )


def labels_of(query: ListQuery, *, place: str = "query") -> dict[str, str]:
    """Return the labels that a question asks for.

    Raises
    ------
    InvalidRequestError
        Raised if one is not ``name:value``.
    """
    labels: dict[str, str] = {}
    for index, one in enumerate(query.label or ()):
        name, colon, value = one.partition(":")
        if not name or not colon:
            message = f"Expected name:value, but label {index} is not"
            fault = Fault(loc=(place, "label", index), msg=message, type="label")
            raise InvalidRequestError(message, errors=[fault])
        labels[name] = value
    return labels


ModelT = TypeVar("ModelT", bound=BaseModel)


def _validated(model: type[ModelT], values: Mapping[str, object], *, place: str) -> ModelT:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = [
            Fault(
                loc=(place, *("parameters",)[: place == "body"], *one["loc"]),
                msg=one["msg"],
                type=one["type"],
            )
            for one in error.errors(include_url=False)
        ]
        noun = "1 is not" if len(faults) == 1 else f"{len(faults)} are not"
        raise InvalidRequestError(
            f"Expected parameters that the list takes, but {noun}", errors=faults
        ) from error
