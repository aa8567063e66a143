"""What lists are narrowed by."""

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from flowyard.storage.template_lists import TemplateOrder, TemplatePlace
from flowyard.storage.uses import FIRST_PLACE, UsePlace
from flowyard_api.dependencies.paging import Paging, no_cursor
from flowyard_api.models.lists import InstanceQuery, TemplateQuery


async def _instance_query(query: Annotated[InstanceQuery, Query()]) -> InstanceQuery:
    return query


async def _template_query(query: Annotated[TemplateQuery, Query()]) -> TemplateQuery:
    return query


InstancesWanted = Annotated[InstanceQuery, Depends(_instance_query)]
"""Which instances the request asks for."""

TemplatesWanted = Annotated[TemplateQuery, Depends(_template_query)]
"""Which templates the request asks for."""

ItemsBelow = Annotated[
    int | None,
    Query(
        ge=0,
        le=2**31 - 1,
        description="Leaves items of maps from this index on out of `nodes`: there may be"
        " thousands. `maps` counts them all, and `/nodes/{node_id}/items` lists them.",
        examples=[200],
    ),
]
"""Which items of maps the request asks for among the nodes."""


def template_place(page: Paging, order: TemplateOrder) -> TemplatePlace | None:
    """Return the template that a page begins behind.

    Raises
    ------
    InvalidCursorError
        Raised if the cursor belongs to another list or another order.
    """
    parts = page.after_parts(2)
    if parts is None:
        return None
    value, template_id = parts
    try:
        if order.endswith("_at"):
            datetime.fromisoformat(value)
        return TemplatePlace(value, uuid.UUID(template_id))
    except ValueError as error:
        raise no_cursor() from error


def use_place(page: Paging) -> UsePlace:
    """Return the use that a page begins behind.

    Raises
    ------
    InvalidCursorError
        Raised if the cursor belongs to another list.
    """
    parts = page.after_parts(len(UsePlace._fields))
    if parts is None:
        return FIRST_PLACE
    template_id, number, node_id, version = parts
    try:
        return UsePlace(uuid.UUID(template_id), int(number), node_id, version)
    except ValueError as error:
        raise no_cursor() from error
