"""How templates and their versions look to people."""

from dataclasses import asdict

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
from flowyard_api.usecases.diffing import GraphDiff, ItemChange


def template_view(template: Template) -> TemplateView:
    """Return a template as it is shown."""
    return TemplateView.model_validate(asdict(template))


def version_summary_view(version: VersionSummary) -> VersionSummaryView:
    """Return a version as it stands in a list."""
    return VersionSummaryView.model_validate(asdict(version))


def version_view(version: Version) -> VersionView:
    """Return a version with its content."""
    return VersionView.model_validate(asdict(version))


def diff_view(before: int, after: int, diff: GraphDiff) -> DiffView:
    """Return what differs between two versions."""
    return DiffView(
        before=before,
        after=after,
        nodes=_items(diff.nodes),
        edges=_items(diff.edges),
        inputs=_items(diff.inputs),
        variables=_items(diff.variables),
        outputs=_items(diff.outputs),
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
