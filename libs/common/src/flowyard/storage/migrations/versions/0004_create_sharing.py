"""Create what teams share: categories, favourites, presets, filters, visibility."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
phase = "expand"

_INSTANT = sa.DateTime(timezone=True)

_FILL_VERSIONS = """
INSERT INTO template_use (template_id, number, node_id, kind, target, version)
SELECT v.template_id, v.number, n ->> 'id', 'plugin', n -> 'activity' ->> 'plugin',
       n -> 'activity' ->> 'version'
FROM template_version AS v, jsonb_array_elements(v.graph -> 'nodes') AS n
WHERE n ? 'activity'
UNION
SELECT v.template_id, v.number, n ->> 'id', 'subflow',
       p.name || '/' || (n -> 'subflow' ->> 'template'),
       coalesce(n -> 'subflow' ->> 'version', '')
FROM template_version AS v
JOIN template AS t ON t.template_id = v.template_id
JOIN project AS p ON p.project_id = t.project_id,
     jsonb_array_elements(v.graph -> 'nodes') AS n
WHERE n ? 'subflow'
"""
"""Uses by published versions; a subflow is of the same project, as no others were known before."""

_FILL_DRAFTS = """
INSERT INTO template_use (template_id, number, node_id, kind, target, version)
SELECT t.template_id, 0, n ->> 'id', 'plugin', split_part(n ->> 'plugin', '@', 1),
       split_part(n ->> 'plugin', '@', 2)
FROM template AS t
JOIN template_version AS v ON v.template_id = t.template_id AND v.source = t.draft,
     jsonb_array_elements(v.document -> 'nodes') AS n
WHERE v.number = t.latest_version AND n ? 'plugin'
UNION
SELECT t.template_id, 0, n ->> 'id', 'subflow',
       p.name || '/' || split_part(n ->> 'subflow', '@', 1), split_part(n ->> 'subflow', '@', 2)
FROM template AS t
JOIN project AS p ON p.project_id = t.project_id
JOIN template_version AS v ON v.template_id = t.template_id AND v.source = t.draft,
     jsonb_array_elements(v.document -> 'nodes') AS n
WHERE v.number = t.latest_version AND n ? 'subflow'
"""
"""Uses by drafts that are published as they are; SQL cannot read the text of the others, whose
rows come with their next write."""


def upgrade() -> None:
    """Apply."""
    _add_template_columns()
    _create_visibility()
    _create_marks()
    _create_presets_and_filters()
    _create_uses()
    _create_changes()
    op.execute(_FILL_VERSIONS)
    op.execute(_FILL_DRAFTS)


def _add_template_columns() -> None:
    for column in (
        sa.Column("category", sa.Text, nullable=False, server_default="Default"),
        sa.Column("labels", JSONB, nullable=False, server_default="{}"),
        sa.Column(
            "is_common",
            sa.Boolean,
            nullable=False,
            server_default="false",
            comment="Visible to all projects.",
        ),
        sa.Column("deleted_at", _INSTANT, comment="Its history stays, and so does its key."),
        sa.Column("deleted_by", sa.Text),
    ):
        op.add_column("template", column)
    op.create_index("template_labels_idx", "template", ["labels"], postgresql_using="gin")
    op.create_index(
        "template_common_idx", "template", ["template_id"], postgresql_where=sa.text("is_common")
    )
    op.create_check_constraint(
        "deleted_by", "template", "(deleted_at IS NULL) = (deleted_by IS NULL)"
    )


def _create_visibility() -> None:
    op.create_table(
        "template_visibility",
        sa.Column("template_id", sa.Uuid, sa.ForeignKey("template.template_id"), primary_key=True),
        sa.Column("project_id", sa.Uuid, sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False, server_default=sa.func.now()),
    )
    op.create_index("template_visibility_project_idx", "template_visibility", ["project_id"])


def _create_marks() -> None:
    op.create_table(
        "template_favourite",
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("template_id", sa.Uuid, sa.ForeignKey("template.template_id"), primary_key=True),
        sa.Column("created_at", _INSTANT, nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "template_category",
        sa.Column("project_id", sa.Uuid, sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
    )


def _create_presets_and_filters() -> None:
    op.create_table(
        "template_preset",
        sa.Column("template_id", sa.Uuid, sa.ForeignKey("template.template_id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
        sa.Column(
            "inputs", JSONB, nullable=False, comment="Values by name; not all need be there."
        ),
        sa.Column("actor", sa.Text, nullable=False, comment="Who wrote it last."),
        sa.Column("updated_at", _INSTANT, nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "saved_filter",
        sa.Column("project_id", sa.Uuid, sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("resource", sa.Text, primary_key=True, comment="Whose list it narrows."),
        sa.Column("owner", sa.Text, primary_key=True, comment="Empty for a shared one."),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
        sa.Column("parameters", JSONB, nullable=False, comment="As in the list's address."),
        sa.Column("actor", sa.Text, nullable=False, comment="Who wrote it last."),
        sa.Column("updated_at", _INSTANT, nullable=False, server_default=sa.func.now()),
    )
    op.create_check_constraint("resource", "saved_filter", "resource IN ('instances', 'templates')")


def _create_uses() -> None:
    op.create_table(
        "template_use",
        sa.Column("template_id", sa.Uuid, sa.ForeignKey("template.template_id"), primary_key=True),
        sa.Column(
            "number", sa.Integer, primary_key=True, comment="Of the version; 0 is the draft."
        ),
        sa.Column("node_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("target", sa.Text, primary_key=True, comment="Plugin, or project/key."),
        sa.Column("version", sa.Text, primary_key=True, comment="Empty for whatever is latest."),
    )
    op.create_check_constraint("kind", "template_use", "kind IN ('plugin', 'subflow')")
    op.create_index("template_use_target_idx", "template_use", ["kind", "target", "version"])


def _create_changes() -> None:
    op.create_table(
        "template_change",
        sa.Column("change_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("template_id", sa.Uuid, sa.ForeignKey("template.template_id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("detail", JSONB, nullable=False, server_default="{}"),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False, server_default=sa.func.now()),
    )
    op.create_index("template_change_template_idx", "template_change", ["template_id", "change_id"])


def downgrade() -> None:
    """Undo."""
    for name in (
        "template_change",
        "template_use",
        "saved_filter",
        "template_preset",
        "template_category",
        "template_favourite",
        "template_visibility",
    ):
        op.drop_table(name)
    op.drop_index("template_common_idx", "template")
    op.drop_index("template_labels_idx", "template")
    for name in ("deleted_by", "deleted_at", "is_common", "labels", "category"):
        op.drop_column("template", name)
