"""How templates and their versions look to people."""

from dataclasses import asdict

from flowyard.storage.graph_codec import decode_graph
from flowyard.storage.input_codec import decode_input
from flowyard.storage.references import full_reference
from flowyard.storage.templates import Template
from flowyard.storage.versions import Version, VersionSummary
from flowyard_api.models.templates import (
    DiffView,
    FieldChangeView,
    ItemChangeView,
    TemplateView,
    VersionSummaryView,
    VersionView,
)
from flowyard_api.usecases.diffing import ItemChange, compare, compare_layouts
from flowyard_api.usecases.forms import form_view


def template_view(template: Template, *, favourite: bool | None = None) -> TemplateView:
    """Return a template as it is shown."""
    reference = full_reference(template.project, template.key)
    return TemplateView.model_validate(
        {**asdict(template), "reference": reference, "favourite": favourite}
    )


def version_summary_view(version: VersionSummary) -> VersionSummaryView:
    """Return a version as it stands in a list."""
    return VersionSummaryView.model_validate(asdict(version))


def version_view(version: Version) -> VersionView:
    """Return a version with its content."""
    specs = [decode_input(spec) for spec in version.graph.get("inputs", ())]
    return VersionView.model_validate({**asdict(version), "form": form_view(specs)})


def diff_view(before: Version, after: Version) -> DiffView:
    """Return what differs between two versions."""
    diff = compare(decode_graph(before.graph), decode_graph(after.graph))
    layout = compare_layouts(before.document, after.document)
    return DiffView(
        before=before.number,
        after=after.number,
        nodes=_items(diff.nodes),
        edges=_items(diff.edges),
        inputs=_items(diff.inputs),
        variables=_items(diff.variables),
        outputs=_items(diff.outputs),
        schemes=_items(diff.schemes),
        settings=_items(diff.settings),
        layout=_items(layout.items),
        layout_only=layout.is_all and diff.is_empty,
    )


def _items(changes: tuple[ItemChange, ...]) -> list[ItemChangeView]:
    return [
        ItemChangeView.model_validate(
            {
                "id": change.item_id,
                "change": change.change,
                "fields": [
                    FieldChangeView(field=one.field, before=one.before, after=one.after)
                    for one in change.fields
                ],
            }
        )
        for change in changes
    ]
