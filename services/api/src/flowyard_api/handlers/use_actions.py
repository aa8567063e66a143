"""Stopping and updating whatever uses a plugin or a template, in one call."""

from collections.abc import Callable

from fastapi import Response

from flowyard.storage.errors import NotFoundError
from flowyard.storage.plugins import find_plugin
from flowyard.storage.projects import find_project
from flowyard.storage.templates import Template, find_template
from flowyard.storage.uses import Target, UsingTemplate, list_pins, stop_uses
from flowyard.storage.versions import find_version
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.doorbells import Bell
from flowyard_api.models.problem import FaultView
from flowyard_api.models.uses import (
    StoppedListView,
    StoppedView,
    StopTemplateUses,
    StopUses,
    UpdatedListView,
    UpdatedView,
    UpdatePluginUses,
    UpdateSubflows,
    UpdateTemplateUses,
    UpdateUses,
)
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.sharing import target_of
from flowyard_api.usecases.updating import (
    Change,
    Outcome,
    outdated,
    to_plugin_version,
    to_subflow_versions,
    update_all,
    update_one,
)

router = private_router("uses")
"""Routes under ``/api/v1``."""

_BODY_PROBLEMS = ("invalid_request", "malformed_body", "not_found", *WRITE_PROBLEMS)
_STOP = (
    " One cancel command each, which their owners settle: follow `GET"
    " /instances/{instance_id}/commands/{command_id}`. Those that were asked already are left out,"
    " so that the same call goes on where the limit was reached."
)
_UPDATE = (
    " The text of each latest version is changed and published, and drafts are changed in the same"
    " places. Each template is changed whole or not at all, and `items` tells what became of it:"
    " one that could not be published any more is refused with the reason, and the others go on."
    " Subflows without a version are pinned anew by the publication."
)


@router.post(
    "/plugins/{name}/{version}/actions/stop-uses",
    summary="Stop what uses a plugin version",
    description="Asks all open instances to end whose template version runs this version of the"
    " plugin, the oldest first." + _STOP,
    response_model=StoppedListView,
    responses=problem_responses(*_BODY_PROBLEMS),
)
async def stop_plugin_uses(
    name: str, version: str, context: Context, writer: CurrentWriter, body: StopUses | None = None
) -> Response:
    asked = body or StopUses.model_validate({})

    async def work(write: Write) -> Answer:
        return await _stop(context, write, Target("plugin", name, version), None, asked)

    return await writer.respond(work)


@router.post(
    "/plugins/{name}/{version}/actions/update-uses",
    summary="Update what uses a plugin version",
    description="Brings every template that runs this version of the plugin to another version."
    + _UPDATE,
    response_model=UpdatedListView,
    responses=problem_responses(*_BODY_PROBLEMS),
)
async def update_plugin_uses(
    name: str, version: str, body: UpdatePluginUses, context: Context, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        await find_plugin(write.connection, name, body.to_version)
        change = Change(
            choose=to_plugin_version(name, version, body.to_version),
            is_due=_never,
            note=body.note or f"{name} {version} becomes {body.to_version}",
            actor=write.actor.name,
            plugins=await context.plugins.read(write.connection),
        )
        return await _update(write, Target("plugin", name, version), lambda _: change, body)

    return await writer.respond(work)


@router.post(
    "/projects/{project}/templates/{template}/actions/stop-uses",
    summary="Stop what uses a template",
    description="Asks all open instances to end that are of this template (of one version, if that"
    " is given) or whose own template version runs it as a subflow, the oldest first." + _STOP,
    response_model=StoppedListView,
    responses=problem_responses(*_BODY_PROBLEMS),
)
async def stop_template_uses(
    project: str,
    template: str,
    context: Context,
    writer: CurrentWriter,
    body: StopTemplateUses | None = None,
) -> Response:
    asked = body or StopTemplateUses.model_validate({})

    async def work(write: Write) -> Answer:
        used = await find_template(write.connection, project, template)
        return await _stop(context, write, target_of(used, asked.version), used, asked)

    return await writer.respond(work)


@router.post(
    "/projects/{project}/templates/{template}/actions/update-uses",
    summary="Update what uses a template",
    description="Brings every template that runs this one as a subflow to a version of it, the"
    " latest if none is given." + _UPDATE,
    response_model=UpdatedListView,
    responses=problem_responses(*_BODY_PROBLEMS),
)
async def update_template_uses(
    project: str,
    template: str,
    context: Context,
    writer: CurrentWriter,
    body: UpdateTemplateUses | None = None,
) -> Response:
    asked = body or UpdateTemplateUses.model_validate({})

    async def work(write: Write) -> Answer:
        used = await find_template(write.connection, project, template)
        wanted = asked.to_version or used.latest_version
        if wanted is None:
            raise NotFoundError("version of template", used.key)
        await find_version(write.connection, used.template_id, wanted)
        target = target_of(used)
        plugins = await context.plugins.read(write.connection)

        def change(using: UsingTemplate) -> Change:
            versions = {target.target: (wanted, used.latest_version)}
            return Change(
                choose=to_subflow_versions(using.project, versions),
                is_due=_behind(versions),
                note=asked.note or f"{target.target} at version {wanted}",
                actor=write.actor.name,
                plugins=plugins,
            )

        return await _update(write, target, change, asked)

    return await writer.respond(work)


@router.post(
    "/projects/{project}/templates/{template}/actions/update-subflows",
    summary="Bring a template's subflows up to date",
    description="Pins every outdated subflow of the template's latest version to the latest version"
    " of its template, and publishes that; the draft is changed in the same places. Nothing is"
    " changed when nothing is outdated, or when the publication is refused.",
    response_model=UpdatedView,
    responses=problem_responses(
        "invalid_document", "template_deleted", "unknown_template", *_BODY_PROBLEMS
    ),
)
async def update_subflows(
    project: str,
    template: str,
    context: Context,
    writer: CurrentWriter,
    body: UpdateSubflows | None = None,
) -> Response:
    async def work(write: Write) -> Answer:
        found = await find_template(write.connection, project, template)
        pins = await list_pins(write.connection, found.template_id, found.latest_version or 0)
        versions = outdated(pins)
        change = Change(
            choose=to_subflow_versions(found.project, versions),
            is_due=_behind(versions),
            note=(body.note if body else "") or "Subflows brought up to date",
            actor=write.actor.name,
            plugins=await context.plugins.read(write.connection),
        )
        outcome = await update_one(write.connection, _using(found), change)
        _tell(write, outcome)
        return Answer(body=_view(outcome))

    return await writer.respond(work)


async def _stop(
    context: ApiContext, write: Write, wanted: Target, own: Template | None, asked: StopUses
) -> Answer:
    project_id = None
    if asked.project is not None:
        project_id = (await find_project(write.connection, asked.project)).project_id
    number = None if wanted.version is None else int(wanted.version) if own else None
    commands = await stop_uses(
        write.connection,
        wanted,
        own=None if own is None else (own.template_id, number),
        project_id=project_id,
        actor=write.actor.name,
        limit=asked.limit,
    )
    write.bells += [Bell(one.instance_id, one.partition, write.traceparent) for one in commands]
    context.metrics.count("flowyard_api_commands_total", float(len(commands)), kind="cancel")
    return Answer(
        body=StoppedListView(
            items=[
                StoppedView(instance_id=one.instance_id, command_id=one.command_id)
                for one in commands
            ],
            has_more=len(commands) == asked.limit,
        )
    )


async def _update(
    write: Write, wanted: Target, change: Callable[[UsingTemplate], Change], asked: UpdateUses
) -> Answer:
    outcomes, last = await update_all(
        write.connection,
        wanted,
        change,
        project=asked.project,
        after=asked.after,
        limit=asked.limit,
    )
    _tell(write, *outcomes)
    return Answer(body=UpdatedListView(items=[_view(one) for one in outcomes], next_after=last))


def _tell(write: Write, *outcomes: Outcome) -> None:
    for one in outcomes:
        if one.is_changed:
            write.tell_drafts(one.template)


def _never(_target: str, _version: str) -> bool:
    return False


def _behind(versions: dict[str, tuple[int, int | None]]) -> Callable[[str, str], bool]:
    def is_due(target: str, version: str) -> bool:
        return bool(version) and target in versions and int(version) != versions[target][0]

    return is_due


def _using(template: Template) -> UsingTemplate:
    return UsingTemplate(
        project=template.project, template_id=template.template_id, key=template.key
    )


def _view(outcome: Outcome) -> UpdatedView:
    return UpdatedView.model_validate(
        {
            "project": outcome.template.project,
            "template_id": outcome.template.template_id,
            "template": outcome.template.key,
            "outcome": outcome.kind,
            "version": outcome.template.latest_version,
            "draft_revision": outcome.draft_revision,
            "code": outcome.code,
            "detail": outcome.detail,
            "errors": [FaultView.model_validate(one.as_json()) for one in outcome.errors],
        }
    )
