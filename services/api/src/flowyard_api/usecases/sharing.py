"""What people say about templates: who sees them, what they are called, whether they are gone."""

from collections.abc import Mapping

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.references import full_reference
from flowyard.storage.sharing import (
    Visibility,
    change_template,
    find_visibility,
    lock_template,
    mark_deleted,
    mark_restored,
    record_change,
    set_visibility,
)
from flowyard.storage.templates import Template, find_template
from flowyard.storage.uses import FoundUse, Target, count_open_instances, list_uses
from flowyard_api.errors import ApiError, Fault, InvalidRequestError
from flowyard_api.usecases.shared_drafts import require_present

USES_SHOWN = 20
"""How many uses a refusal to delete names; the list of uses has all."""


class TemplateInUseError(ApiError):
    """Raised for a template that cannot be deleted, because something uses it."""

    code = "template_in_use"


async def edit_template(
    connection: AsyncConnection,
    project: str,
    key: str,
    changes: Mapping[str, JsonValue],
    *,
    actor: str,
) -> Template:
    """Change title, description, category or labels.

    Raises
    ------
    TemplateDeletedError
        Raised if the template is deleted.
    """
    found = await find_template(connection, project, key)
    require_present(found)
    if changes:
        await change_template(connection, found.template_id, changes)
        await record_change(connection, found.template_id, "edit", changes, actor=actor)
    return await find_template(connection, project, key)


async def show_to(
    connection: AsyncConnection, template: Template, wanted: Visibility, *, actor: str
) -> Visibility:
    """Replace the projects that may use a template.

    Raises
    ------
    InvalidRequestError
        Raised if one of them does not exist, or is the template's own.
    TemplateDeletedError
        Raised if the template is deleted.
    """
    require_present(template)
    if template.project in wanted.projects:
        message = f"Expected other projects, but {template.project} is its own"
        place = ("body", "projects", list(wanted.projects).index(template.project))
        raise InvalidRequestError(message, errors=[Fault(loc=place, msg=message, type="project")])
    await lock_template(connection, template.template_id)
    await set_visibility(connection, template.template_id, wanted, actor=actor)
    stored = await find_visibility(connection, template.template_id)
    detail: dict[str, JsonValue] = {"all": stored.is_common, "projects": list(stored.projects)}
    await record_change(connection, template.template_id, "visibility", detail, actor=actor)
    return stored


async def delete_template(
    connection: AsyncConnection, project: str, key: str, *, actor: str
) -> Template:
    """Delete a template that nothing uses; its history stays.

    Raises
    ------
    TemplateDeletedError
        Raised if it is deleted already.
    TemplateInUseError
        Raised while it has open instances, or other templates or instances use it.
    """
    found = await find_template(connection, project, key)
    # From here on nobody can publish a use of it: they wait for this row.
    await lock_template(connection, found.template_id, is_exclusive=True)
    found = await find_template(connection, project, key)
    require_present(found)
    await _require_unused(connection, found)
    await mark_deleted(connection, found.template_id, actor=actor)
    await record_change(connection, found.template_id, "delete", {}, actor=actor)
    return await find_template(connection, project, key)


async def restore_template(
    connection: AsyncConnection, project: str, key: str, *, actor: str
) -> Template:
    """Bring a deleted template back; one that is not deleted stays as it is."""
    found = await find_template(connection, project, key)
    if found.deleted_at is None:
        return found
    await mark_restored(connection, found.template_id)
    await record_change(connection, found.template_id, "restore", {}, actor=actor)
    return await find_template(connection, project, key)


def target_of(template: Template, version: int | None = None) -> Target:
    """Return a template as something that is used."""
    reference = full_reference(template.project, template.key)
    return Target("subflow", reference, None if version is None else str(version))


async def _require_unused(connection: AsyncConnection, template: Template) -> None:
    instances = await count_open_instances(connection, template.template_id)
    found = await list_uses(connection, target_of(template), limit=USES_SHOWN)
    uses = [one for one in found if one.template_id != template.template_id]
    if not uses and not instances:
        return
    raise TemplateInUseError(
        f"Expected template {template.key} to be used nowhere, but {len(uses)} nodes of other"
        f" templates use it, and it has {instances} open instances",
        open_instances=instances,
        used_by=[_place(one) for one in uses],
    )


def _place(use: FoundUse) -> JsonValue:
    return {
        "template": full_reference(use.project, use.key),
        "version": use.number or None,
        "node_id": use.node_id,
        "open_instances": use.open_instances,
    }
