"""Publication, rollback: how a template comes to its versions."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.document.model import Document
from flowyard.storage.errors import ConflictError
from flowyard.storage.graph_codec import decode_graph
from flowyard.storage.projects import Project
from flowyard.storage.templates import (
    Template,
    create_template,
    find_draft,
    find_template,
    find_template_or_none,
)
from flowyard.storage.versions import VersionContent, VersionSummary, add_version, find_version
from flowyard_api.catalog import PluginMap
from flowyard_api.errors import ApiError, Fault
from flowyard_api.usecases.documents import hold_subflows, pin, read
from flowyard_api.usecases.shared_drafts import (
    draft_source,
    overwrite_draft,
    require_present,
)


class KeyMismatchError(ApiError):
    """Raised for a document whose key is another than its template's."""

    code = "key_mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a publication has led to."""

    template: Template
    version: VersionSummary
    is_changed: bool
    """False when the latest version had the same content."""


async def problems_of(
    connection: AsyncConnection, project: str, source: str, plugins: PluginMap
) -> tuple[Fault, ...]:
    """Return everything that keeps a document from being published; it is stored nowhere."""
    try:
        sound = await read(source, plugins)
        await pin(connection, project, sound)
    except ApiError as error:
        return error.errors
    return ()


async def create(
    connection: AsyncConnection,
    project: Project,
    *,
    key: str | None,
    title: str,
    description: str,
    source: str | None,
    actor: str,
    plugins: PluginMap,
) -> Template:
    """Create a template, empty or with a draft, which then has to be readable.

    Raises
    ------
    KeyMismatchError
        Raised if the document has another key than the one given.
    """
    if source is not None:
        document = (await read(source, plugins)).document
        if key not in (None, document.key):
            raise _mismatch(key or "", document.key)
        key, title = document.key, title or document.title
        description = description or document.description
    template = await create_template(
        connection, project.project_id, key=key or "", title=title, description=description
    )
    if source is None:
        return template
    await overwrite_draft(connection, template, source, actor=actor)
    return await find_template(connection, str(project.project_id), template.key)


async def publish(
    connection: AsyncConnection,
    template: Template,
    *,
    note: str,
    if_match: str | None,
    actor: str,
    plugins: PluginMap,
) -> Publication:
    """Publish a template's draft as its latest version, unless nothing changed.

    Parameters
    ----------
    if_match
        The ETag of the draft that is meant; None means whatever is there.

    Raises
    ------
    NoDraftError
        Raised if nothing was ever written.
    PreconditionFailedError
        Raised if the draft is another one by now.
    KeyMismatchError
        Raised if the draft's document belongs to another template.
    """
    source = await draft_source(connection, template, if_match=if_match)
    return await publish_source(
        connection, template, source, note=note, actor=actor, plugins=plugins
    )


async def apply(
    connection: AsyncConnection,
    project: Project,
    source: str,
    *,
    actor: str,
    plugins: PluginMap,
) -> Publication:
    """Bring a project's template to what a document says, all or nothing."""
    sound = await read(source, plugins)
    template = await _found_or_created(connection, project, sound.document)
    draft = await find_draft(connection, template.template_id)
    if draft.source != source:
        await overwrite_draft(connection, template, source, actor=actor)
    return await publish_source(connection, template, source, note="", actor=actor, plugins=plugins)


async def _found_or_created(
    connection: AsyncConnection, project: Project, document: Document
) -> Template:
    name = str(project.project_id)
    found = await find_template_or_none(connection, name, document.key)
    if found is not None:
        return found
    try:
        return await create_template(
            connection,
            project.project_id,
            key=document.key,
            title=document.title,
            description=document.description,
        )
    except ConflictError:
        # Somebody else has applied a document of this key at the same moment.
        return await find_template(connection, name, document.key)


async def roll_back(
    connection: AsyncConnection, template: Template, number: int, *, note: str, actor: str
) -> Publication:
    """Publish the content of an older version as the latest one."""
    old = await find_version(connection, template.template_id, number)
    content = VersionContent(
        source=old.source,
        document=old.document,
        graph=old.graph,
        content_hash=old.content_hash,
    )
    return await _add(
        connection,
        template,
        content,
        note=note or f"Rollback to version {number}",
        actor=actor,
    )


async def publish_source(
    connection: AsyncConnection,
    template: Template,
    source: str,
    *,
    note: str,
    actor: str,
    plugins: PluginMap,
) -> Publication:
    """Publish a text as a template's latest version, unless nothing changed.

    Raises
    ------
    KeyMismatchError
        Raised if the document belongs to another template.
    TemplateDeletedError
        Raised if the template is deleted.
    """
    sound = await read(source, plugins)
    if sound.document.key != template.key:
        raise _mismatch(template.key, sound.document.key)
    content = await pin(connection, str(template.project_id), sound)
    return await _add(connection, template, content, note=note, actor=actor)


async def _add(
    connection: AsyncConnection,
    template: Template,
    content: VersionContent,
    *,
    note: str,
    actor: str,
) -> Publication:
    require_present(template)
    await hold_subflows(connection, template, decode_graph(content.graph))
    version, is_changed = await add_version(
        connection,
        template.template_id,
        content,
        project=template.project,
        title=str(content.document.get("title", "")),
        description=str(content.document.get("description", "")),
        note=note,
        actor=actor,
    )
    return Publication(
        template=await find_template(connection, str(template.project_id), template.key),
        version=version,
        is_changed=is_changed,
    )


def _mismatch(expected: str, found: str) -> KeyMismatchError:
    message = f"Expected a document with key {expected}, but its key is {found}"
    return KeyMismatchError(
        message, errors=[Fault(loc=("body", "key"), msg=message, type="key_mismatch")]
    )
