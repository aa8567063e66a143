"""Imports: flows of other systems become drafts and versions, each apart from the others."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import assert_never

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.document import to_yaml
from flowyard.interchange import (
    ComponentTable,
    Diagnostic,
    Import,
    ImportedTemplate,
    InterchangeError,
    SourceFile,
    import_files,
    read_components,
)
from flowyard.storage.component_tables import find_components
from flowyard.storage.projects import Project
from flowyard.storage.templates import (
    Template,
    create_template,
    find_draft,
    find_template_or_none,
    list_published_keys,
)
from flowyard_api.catalog import PluginMap
from flowyard_api.errors import ApiError, Fault, InvalidRequestError
from flowyard_api.models.imports import (
    DiagnosticView,
    ImportedTemplateView,
    ImportFiles,
    ImportMode,
    ImportView,
    Outcome,
)
from flowyard_api.models.problem import FaultView
from flowyard_api.usecases import publishing
from flowyard_api.usecases.shared_drafts import overwrite_draft, require_present

CHILD_REFUSED = "child_refused"
"""Type of the fault of a template that runs another one which was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What has become of one template."""

    outcome: Outcome
    version: int | None = None
    problems: tuple[Fault, ...] = ()
    changed: Template | None = None
    """The template, where its draft or its versions are others than before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What has become of an import."""

    view: ImportView
    changed: tuple[Template, ...]
    """Templates whose drafts or versions are others than before."""


def checked_components(rules: Mapping[str, JsonValue], place: str) -> ComponentTable:
    """Return a table that a person sent.

    Parameters
    ----------
    place
        The field of the body that it stands in.

    Raises
    ------
    InvalidRequestError
        Raised if a rule is none.
    """
    try:
        return read_components(dict(rules))
    except InterchangeError as error:
        fault = Fault(loc=("body", place), msg=str(error), type="invalid_rule")
        raise InvalidRequestError(
            "Expected a valid table of components, but it is none", errors=[fault]
        ) from error


async def run(
    connection: AsyncConnection,
    project: Project,
    asked: ImportFiles,
    *,
    actor: str,
    plugins: PluginMap,
) -> Imported:
    """Take files over, as far as the request asks for it.

    A template that cannot be published is kept as a draft and stops no other but those that
    run it.
    """
    stored = await find_components(connection, project.project_id)
    components = {
        **checked_components(stored.rules, "components"),
        **checked_components(asked.components or {}, "components"),
    }
    result = await asyncio.to_thread(
        import_files,
        [SourceFile(name=file.name, text=file.text) for file in asked.files],
        components=components,
        key_prefix=asked.key_prefix,
        present_keys=await list_published_keys(connection, project.project_id),
    )
    importer = _Importer(connection, project, result, actor=actor, plugins=plugins)
    results = [await importer.put(template, asked.mode) for template in result.templates]
    return Imported(
        view=ImportView(
            templates=[
                _template_view(template, one)
                for template, one in zip(result.templates, results, strict=True)
            ],
            diagnostics=diagnostic_views(result.diagnostics),
        ),
        changed=tuple(one.changed for one in results if one.changed is not None),
    )


class _Importer:
    """Puts the templates of one import into a project, one after the other."""

    def __init__(
        self,
        connection: AsyncConnection,
        project: Project,
        result: Import,
        *,
        actor: str,
        plugins: PluginMap,
    ) -> None:
        self._connection = connection
        self._project = project
        self._result = result
        self._actor = actor
        self._plugins = plugins
        self._keys = {template.key for template in result.templates}
        self._refused: set[str] = set()

    async def put(self, template: ImportedTemplate, mode: ImportMode) -> _Result:
        """Go as far as the mode says, and return what has become of the template."""
        source = await asyncio.to_thread(to_yaml, template.document)
        match mode:
            case "preview":
                problems = await self._problems(template, source)
                return _Result(outcome="previewed", problems=problems)
            case "draft":
                return await self._drafted(template, source, "draft")
            case "publish":
                return await self._published(template, source)
            case _:
                assert_never(mode)

    async def _problems(self, template: ImportedTemplate, source: str) -> tuple[Fault, ...]:
        """Return what keeps a document from being published, but for what comes with it."""
        found = await publishing.problems_of(
            self._connection, str(self._project.project_id), source, self._plugins
        )
        coming = _nodes_that_run(template.document, self._keys)
        return tuple(
            fault
            for fault in found
            if fault.type != "unknown_template" or fault.node_id not in coming
        )

    async def _drafted(self, template: ImportedTemplate, source: str, outcome: Outcome) -> _Result:
        try:
            async with self._connection.begin_nested():
                changed = await self._write_draft(template, source)
        except ApiError as error:
            return _Result(outcome="refused", problems=_faults(error))
        problems = await self._problems(template, source)
        is_same = outcome == "draft" and changed is None
        return _Result(
            outcome="unchanged" if is_same else outcome, problems=problems, changed=changed
        )

    async def _write_draft(self, template: ImportedTemplate, source: str) -> Template | None:
        """Write a draft, sound or not, and return its template if it is another one than before."""
        found = await self._found_or_created(template)
        require_present(found)
        draft = await find_draft(self._connection, found.template_id)
        if draft.source == source:
            return None
        await overwrite_draft(self._connection, found, source, actor=self._actor)
        return found

    async def _found(self, template: ImportedTemplate) -> Template | None:
        name = str(self._project.project_id)
        return await find_template_or_none(self._connection, name, template.key)

    async def _found_or_created(self, template: ImportedTemplate) -> Template:
        found = await self._found(template)
        if found is not None:
            return found
        return await create_template(
            self._connection,
            self._project.project_id,
            key=template.key,
            title=template.title,
            description=str(template.document.get("description", "")),
        )

    async def _published(self, template: ImportedTemplate, source: str) -> _Result:
        faults = self._refusing(template)
        if not faults and not self._result.errors_of(template):
            before = await self._found(template)
            try:
                async with self._connection.begin_nested():
                    done = await publishing.apply(
                        self._connection,
                        self._project,
                        source,
                        actor=self._actor,
                        plugins=self._plugins,
                    )
            except ApiError as error:
                faults = _faults(error)
            else:
                # A draft that others have gone on with is replaced by the same version, too.
                is_same = before is not None and _counts(before) == _counts(done.template)
                return _Result(
                    outcome="published" if done.is_changed else "unchanged",
                    version=done.version.number,
                    changed=None if is_same else done.template,
                )
        self._refused.add(template.key)
        kept = await self._drafted(template, source, "refused")
        return _Result(
            outcome="refused",
            problems=(*faults, *_others(kept.problems, faults)),
            changed=kept.changed,
        )

    def _refusing(self, template: ImportedTemplate) -> tuple[Fault, ...]:
        return tuple(
            Fault(
                loc=("body", "files"),
                msg=f"Expected template {key}, which it runs, to be published, but it is refused",
                type=CHILD_REFUSED,
            )
            for key in template.subflow_keys
            if key in self._refused
        )


def _counts(template: Template) -> tuple[int, int | None]:
    return template.draft_revision, template.latest_version


def _faults(error: ApiError) -> tuple[Fault, ...]:
    return error.errors or (Fault(loc=("body", "files"), msg=str(error), type=error.code),)


def _others(found: Sequence[Fault], known: Sequence[Fault]) -> list[Fault]:
    said = {(fault.type, fault.node_id, fault.msg) for fault in known}
    return [fault for fault in found if (fault.type, fault.node_id, fault.msg) not in said]


def _nodes_that_run(document: Mapping[str, JsonValue], keys: set[str]) -> set[str]:
    nodes = document.get("nodes")
    return {
        str(node["id"])
        for node in (nodes if isinstance(nodes, list) else [])
        if isinstance(node, dict) and str(node.get("subflow", "")).partition("@")[0] in keys
    }


def _template_view(template: ImportedTemplate, result: _Result) -> ImportedTemplateView:
    return ImportedTemplateView(
        key=template.key,
        flow_id=template.flow_id,
        file=template.file,
        title=template.title,
        document=template.document,
        node_ids=template.node_ids,
        variable_names=template.variable_names,
        outcome=result.outcome,
        version=result.version,
        problems=[FaultView.model_validate(fault.as_json()) for fault in result.problems],
    )


def diagnostic_views(diagnostics: Sequence[Diagnostic]) -> list[DiagnosticView]:
    """Return diagnostics as they are answered."""
    return [
        DiagnosticView.model_validate({**asdict(one), "path": [*one.path]}) for one in diagnostics
    ]
