"""The last runs of templates, for whoever shows a list of these."""

import uuid
from dataclasses import asdict
from typing import Annotated

from fastapi import Query

from flowyard.storage.last_runs import list_last_runs
from flowyard.storage.projects import find_project
from flowyard_api.dependencies.context import Context
from flowyard_api.models.runs import (
    MAX_EACH,
    MAX_TEMPLATES,
    LastRunsView,
    RunView,
    TemplateRunsView,
)
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router

router = private_router("instances")
"""Routes under ``/api/v1``."""


@router.get(
    "/projects/{project}/last-runs",
    summary="List the last runs of templates",
    description="Returns the last instances of each template that is named, in this project, the"
    " newest first. For lists of templates: one request for a whole page of them.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_last_runs(
    project: str,
    context: Context,
    template_id: Annotated[
        list[uuid.UUID],
        Query(min_length=1, max_length=MAX_TEMPLATES, description="May be repeated."),
    ],
    each: Annotated[int, Query(ge=1, le=MAX_EACH, description="Most runs of each.")] = 5,
) -> LastRunsView:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        found = await list_last_runs(connection, owner.project_id, template_id, each=each)
    return LastRunsView(
        items=[
            TemplateRunsView(
                template_id=one,
                runs=[RunView.model_validate(asdict(run)) for run in found.get(one, ())],
            )
            for one in dict.fromkeys(template_id)
        ]
    )
