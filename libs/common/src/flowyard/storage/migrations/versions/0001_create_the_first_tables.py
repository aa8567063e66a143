"""Create the first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "attempt",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column(
            "queue",
            sa.Text(),
            nullable=True,
            comment="Where its steps are dispatched; NULL for a subflow's.",
        ),
        sa.Column(
            "inputs",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Rendered; secrets are references.",
        ),
        sa.Column(
            "state",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="What the plugin keeps between steps, sealed.",
        ),
        sa.Column(
            "resume",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="{kind, data} that ended the last wait.",
        ),
        sa.Column(
            "outputs", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "failure",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="{code, message}",
        ),
        sa.Column(
            "wait_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the present wait ends by itself.",
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "dispatched_step",
            sa.Integer(),
            nullable=True,
            comment="Highest step known to be published.",
        ),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "runner", sa.Uuid(), nullable=True, comment="Gateway process that claimed the step."
        ),
        sa.Column("claimed_step", sa.Integer(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="The claimed step's result, or {unknown: true}.",
        ),
        sa.Column(
            "outcome_step",
            sa.Integer(),
            nullable=True,
            comment="Which step the outcome belongs to.",
        ),
        sa.Column(
            "late_outcome",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="A result that came after the claim was given up.",
        ),
        sa.PrimaryKeyConstraint("instance_id", "node_id", "number", name=op.f("attempt_pkey")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "command",
        sa.Column("command_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=True),
        sa.Column(
            "payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "outcome", sa.Text(), nullable=True, comment="applied or rejected; NULL while open."
        ),
        sa.Column("code", sa.Text(), nullable=True, comment="Why it was rejected."),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('applied', 'rejected')", name=op.f("command_outcome_check")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL)", name=op.f("command_settled_at_check")
        ),
        sa.PrimaryKeyConstraint("command_id", name=op.f("command_pkey")),
    )
    op.create_index("command_instance_idx", "command", ["instance_id", "command_id"], unique=False)
    op.create_index(
        "command_open_idx",
        "command",
        ["partition", "instance_id", "command_id"],
        unique=False,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False, comment="Empty outside projects."),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Integer(),
            nullable=True,
            comment="HTTP status of the answer; NULL while in flight.",
        ),
        sa.Column(
            "response", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "actor", "project", "method", "path", "key", name=op.f("idempotency_pkey")
        ),
    )
    op.create_index("idempotency_created_idx", "idempotency", ["created_at"], unique=False)
    op.create_table(
        "node",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False, comment="Its instance's."),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="Of its instance, at its last change."
        ),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="Why it does not go on by itself right now."
        ),
        sa.Column(
            "check_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the reason must be looked at again.",
        ),
        sa.Column("arrived", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("number", sa.Integer(), nullable=True, comment="Of its latest attempt."),
        sa.Column(
            "outputs",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Of its last success.",
        ),
        sa.Column(
            "failure",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="{code, message}",
        ),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(reason IS NOT NULL) = (status IN ('ready', 'running', 'waiting', 'failed'))",
            name=op.f("node_reason_check"),
        ),
        sa.CheckConstraint(
            "status IN ('ready', 'running', 'waiting', 'succeeded', 'failed', 'skipped',"
            " 'cancelled')",
            name=op.f("node_status_check"),
        ),
        sa.CheckConstraint(
            "(reason IS NOT NULL) = (check_at IS NOT NULL)", name=op.f("node_check_at_check")
        ),
        sa.PrimaryKeyConstraint("instance_id", "node_id", name=op.f("node_pkey")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "node_check_idx",
        "node",
        ["check_at", "partition"],
        unique=False,
        postgresql_where=sa.text("reason IS NOT NULL"),
    )
    op.create_table(
        "partition_broker",
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column(
            "broker_id", sa.Text(), nullable=False, comment="Identity of the topic's incarnation."
        ),
        sa.Column(
            "assigned_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("partition", name=op.f("partition_broker_pkey")),
    )
    op.create_table(
        "plugin",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("idempotency", sa.Text(), nullable=False, comment="always, never or by_inputs."),
        sa.Column(
            "inputs_schema",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="JSON Schema of the inputs.",
        ),
        sa.Column(
            "outputs_schema",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="JSON Schema of the outputs.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "idempotency IN ('always', 'never', 'by_inputs')",
            name=op.f("plugin_idempotency_check"),
        ),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("plugin_pkey")),
    )
    op.create_table(
        "project",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="Short name in addresses."),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("project_pkey")),
        sa.UniqueConstraint("name", name=op.f("project_name_key")),
    )
    op.create_table(
        "runner",
        sa.Column("boot_id", sa.Uuid(), nullable=False, comment="New at every start."),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "renewed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("boot_id", name=op.f("runner_pkey")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "token",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column(
            "actor", sa.Text(), nullable=False, comment="Who acts with it; on every command row."
        ),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 in hexadecimal."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_id", name=op.f("token_pkey")),
        sa.UniqueConstraint("digest", name=op.f("token_digest_key")),
    )
    op.create_table(
        "secret",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "sealed", sa.Text(), nullable=False, comment="Fernet token under the gateway's key."
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.project_id"], name=op.f("secret_project_id_fkey")
        ),
        sa.PrimaryKeyConstraint("project_id", "name", name=op.f("secret_pkey")),
    )
    op.create_table(
        "template",
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="Short name, unique in its project."),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "draft", sa.Text(), nullable=True, comment="The document as text, not published yet."
        ),
        sa.Column(
            "draft_revision",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="Counts the writes of the draft; its ETag.",
        ),
        sa.Column(
            "latest_version",
            sa.Integer(),
            nullable=True,
            comment="Number of the version that new instances take.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.project_id"], name=op.f("template_project_id_fkey")
        ),
        sa.PrimaryKeyConstraint("template_id", name=op.f("template_pkey")),
        sa.UniqueConstraint("project_id", "key", name=op.f("template_project_id_key")),
    )
    op.create_table(
        "template_version",
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="Counted from 1."),
        sa.Column("source", sa.Text(), nullable=False, comment="The document as it was written."),
        sa.Column(
            "document",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="The document in canonical form.",
        ),
        sa.Column(
            "graph",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="The compiled graph.",
        ),
        sa.Column(
            "content_hash", sa.Text(), nullable=False, comment="SHA-256 of the canonical form."
        ),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["template.template_id"],
            name=op.f("template_version_template_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("template_id", "number", name=op.f("template_version_pkey")),
    )
    op.create_table(
        "instance",
        sa.Column("instance_id", sa.Uuid(), nullable=False, comment="Sorts by time of creation."),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="created", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column(
            "given",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="Inputs as given.",
        ),
        sa.Column(
            "variables",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Bound inputs, constants, computed and exported.",
        ),
        sa.Column(
            "outputs", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "failure",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="{code, message} when the whole instance failed.",
        ),
        sa.Column(
            "labels",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column(
            "links",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
            comment="Outside references.",
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("callback_secret", sa.Text(), nullable=False),
        sa.Column("parent_instance_id", sa.Uuid(), nullable=True),
        sa.Column("parent_node_id", sa.Text(), nullable=True),
        sa.Column("parent_number", sa.Integer(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NOT NULL) = (status IN ('succeeded', 'cancelled'))",
            name=op.f("instance_ended_at_check"),
        ),
        sa.CheckConstraint(
            "status IN ('created', 'running', 'paused', 'failed', 'succeeded', 'cancelled')",
            name=op.f("instance_status_check"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.project_id"], name=op.f("instance_project_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["template_id", "version"],
            ["template_version.template_id", "template_version.number"],
            name=op.f("instance_template_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("instance_pkey")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "instance_labels_idx", "instance", ["labels"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "instance_open_idx",
        "instance",
        ["partition"],
        unique=False,
        postgresql_where=sa.text("status NOT IN ('succeeded', 'cancelled')"),
    )
    op.create_index(
        "instance_parent_key",
        "instance",
        ["parent_instance_id", "parent_node_id", "parent_number"],
        unique=True,
        postgresql_where=sa.text("parent_instance_id IS NOT NULL"),
    )
    op.create_index(
        "instance_project_idx",
        "instance",
        ["project_id", sa.literal_column("instance_id DESC")],
        unique=False,
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("instance_project_idx", table_name="instance")
    op.drop_index(
        "instance_parent_key",
        table_name="instance",
        postgresql_where=sa.text("parent_instance_id IS NOT NULL"),
    )
    op.drop_index(
        "instance_open_idx",
        table_name="instance",
        postgresql_where=sa.text("status NOT IN ('succeeded', 'cancelled')"),
    )
    op.drop_index("instance_labels_idx", table_name="instance", postgresql_using="gin")
    op.drop_table("instance")
    op.drop_table("template_version")
    op.drop_table("template")
    op.drop_table("secret")
    op.drop_table("token")
    op.drop_table("runner")
    op.drop_table("project")
    op.drop_table("plugin")
    op.drop_table("partition_broker")
    op.drop_index(
        "node_check_idx", table_name="node", postgresql_where=sa.text("reason IS NOT NULL")
    )
    op.drop_table("node")
    op.drop_index("idempotency_created_idx", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_index(
        "command_open_idx", table_name="command", postgresql_where=sa.text("outcome IS NULL")
    )
    op.drop_index("command_instance_idx", table_name="command")
    op.drop_table("command")
    op.drop_table("attempt")
