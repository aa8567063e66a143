"""Bringing what templates use to another version: in their documents, and published at once.

Each template is changed whole or not at all, and what became of it is told. The text of the
latest version is changed and published; a draft that somebody is writing is changed in the same
places and stays a draft.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.document.references import TextReference, replace_versions
from flowyard.errors import PermanentError
from flowyard.storage.references import full_reference
from flowyard.storage.sharing import lock_template
from flowyard.storage.templates import Draft, Template, find_draft, find_template
from flowyard.storage.uses import (
    SubflowPin,
    Target,
    UsingTemplate,
    list_pins,
    list_using_templates,
)
from flowyard.storage.versions import find_version
from flowyard_api.catalog import PluginMap
from flowyard_api.errors import ApiError, Fault
from flowyard_api.usecases.publishing import Publication, publish_source
from flowyard_api.usecases.shared_drafts import overwrite_draft, require_present

Choice = Callable[[TextReference], str | None]
"""Which version a reference is to have; None leaves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be done to a template."""

    choose: Choice
    is_due: Callable[[str, str], bool]
    """Whether a subflow that is pinned so has to be pinned anew: ``project/key`` and version."""
    note: str
    actor: str
    plugins: PluginMap


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one template."""

    template: Template
    """As it is now."""
    kind: str
    """``published``, ``draft``, ``unchanged`` or ``refused``."""
    draft_revision: int
    code: str | None = None
    """Why it was refused."""
    detail: str | None = None
    errors: tuple[Fault, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether its drafts or its versions are others than before."""
        return self.kind in ("published", "draft")


def to_plugin_version(name: str, before: str, after: str) -> Choice:
    """Return the choice that brings one version of a plugin to another."""

    def choose(reference: TextReference) -> str | None:
        is_meant = (reference.kind, reference.target, reference.version) == ("plugin", name, before)
        return after if is_meant else None

    return choose


def to_subflow_versions(project: str, wanted: dict[str, tuple[int, int | None]]) -> Choice:
    """Return the choice that brings subflows to given versions.

    A reference without a version stays one where the given version is the latest: the
    publication pins it.

    Parameters
    ----------
    project
        Name of the project whose template names them.
    wanted
        The version to be at, and the latest one, by ``project/key``.
    """

    def choose(reference: TextReference) -> str | None:
        target = full_reference(project, reference.target)
        if reference.kind != "subflow" or target not in wanted:
            return None
        version, latest = wanted[target]
        is_followed = not reference.version and version == latest
        is_open = bool(reference.version) and not reference.version.isdecimal()
        return None if is_followed or is_open else str(version)

    return choose


async def update_all(
    connection: AsyncConnection,
    wanted: Target,
    change: Callable[[UsingTemplate], Change],
    *,
    project: str | None,
    after: uuid.UUID | None,
    limit: int,
) -> tuple[list[Outcome], uuid.UUID | None]:
    """Change every template that uses something, each by itself, in the order of their ids.

    Returns
    -------
    tuple
        What became of each, and the last one's id when there are more.
    """
    using = await list_using_templates(
        connection, wanted, project=project, after=after, limit=limit + 1
    )
    outcomes = [await _outcome(connection, one, change(one)) for one in using[:limit]]
    return outcomes, using[limit - 1].template_id if len(using) > limit else None


async def update_one(connection: AsyncConnection, using: UsingTemplate, change: Change) -> Outcome:
    """Change one template.

    Raises
    ------
    ApiError
        Raised if what comes of it cannot be published.
    """
    # Before anything is read: what somebody publishes meanwhile is changed, not overwritten.
    await lock_template(connection, using.template_id)
    template = await find_template(connection, using.project, str(using.template_id))
    require_present(template)
    draft = await find_draft(connection, template.template_id)
    published = await _publish(connection, template, change)
    after = template if published is None else published.template
    revision = await _change_draft(connection, template, draft, change)
    is_published = published is not None and published.is_changed
    kind = "published" if is_published else "unchanged" if revision is None else "draft"
    return Outcome(template=after, kind=kind, draft_revision=revision or draft.revision)


async def _outcome(connection: AsyncConnection, using: UsingTemplate, change: Change) -> Outcome:
    try:
        async with connection.begin_nested():
            return await update_one(connection, using, change)
    except PermanentError as error:
        found = await find_template(connection, using.project, str(using.template_id))
        return Outcome(
            template=found,
            kind="refused",
            draft_revision=found.draft_revision,
            code=error.code,
            detail=str(error),
            errors=error.errors if isinstance(error, ApiError) else (),
        )


async def _publish(
    connection: AsyncConnection, template: Template, change: Change
) -> Publication | None:
    if template.latest_version is None:
        return None
    latest = await find_version(connection, template.template_id, template.latest_version)
    source = replace_versions(latest.source, change.choose)
    pins = await list_pins(connection, template.template_id, template.latest_version)
    if source == latest.source and not any(change.is_due(one.target, one.version) for one in pins):
        return None
    return await publish_source(
        connection, template, source, note=change.note, actor=change.actor, plugins=change.plugins
    )


async def _change_draft(
    connection: AsyncConnection, template: Template, draft: Draft, change: Change
) -> int | None:
    if draft.source is None:
        return None
    source = replace_versions(draft.source, change.choose)
    if source == draft.source:
        return None
    return await overwrite_draft(connection, template, source, actor=change.actor)


def outdated(pins: Sequence[SubflowPin]) -> dict[str, tuple[int, int | None]]:
    """Return the latest version, as the wanted and the latest one, by ``project/key``.

    Of those templates only to which some of the pins lag behind.
    """
    return {
        pin.target: (pin.latest_version, pin.latest_version)
        for pin in pins
        if pin.is_outdated and pin.latest_version is not None
    }
