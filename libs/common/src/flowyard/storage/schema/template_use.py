"""Table ``template_use``: what drafts and versions run, so that uses are found by index."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from flowyard.storage.schema.metadata import METADATA, UUID

template_use = Table(
    "template_use",
    METADATA,
    Column("template_id", UUID, ForeignKey("template.template_id"), primary_key=True),
    Column("number", Integer, primary_key=True, comment="Of the version; 0 is the draft."),
    Column("node_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True, comment="Plugin, or project/key."),
    Column("version", Text, primary_key=True, comment="Empty for whatever is latest."),
    CheckConstraint("kind IN ('plugin', 'subflow')", name="kind"),
    Index("template_use_target_idx", "kind", "target", "version"),
)
"""One row per plugin or template that a node runs; written with the draft or version itself."""
