-- create_instances --
-- Stores instances, and for those that start at once their start command, from one JSON array;
-- runs through SQLAlchemy, hence the named parameter.
WITH given AS (
    SELECT *
    FROM jsonb_to_recordset(CAST(:instances AS jsonb)) AS g (
        instance_id uuid, project_id uuid, template_id uuid, version int, name text,
        partition smallint, given jsonb, labels jsonb, links jsonb, actor text, traceparent text,
        callback_secret text, is_started boolean, plan jsonb, priority smallint,
        origin_instance_id uuid, origin text
    )
), created AS (
    INSERT INTO instance (
        instance_id, project_id, template_id, version, name, partition, given, labels, links,
        actor, traceparent, callback_secret, plan, priority, origin_instance_id, origin
    )
    SELECT instance_id, project_id, template_id, version, name, partition, given, labels, links,
           actor, traceparent, callback_secret, plan, priority, origin_instance_id, origin
    FROM given
    RETURNING instance_id, created_at
), started AS (
    INSERT INTO command (instance_id, partition, kind, actor)
    SELECT instance_id, partition, 'start', actor FROM given WHERE is_started
    RETURNING instance_id, command_id
)
SELECT created.instance_id, created.created_at, started.command_id
FROM created
LEFT JOIN started ON started.instance_id = created.instance_id

-- runnable_versions --
-- Finds, for templates named by key, by project and key, or by id, the wanted version or the latest
-- one; lookups one by one instead of one condition with OR, which would read all templates of the
-- project. What is of another project has to be visible in this one.
SELECT wanted.place, project.project_id, project.name AS project, named.template_id, named.key,
       named.title, version.number
FROM unnest(
    CAST(:keys AS text[]), CAST(:ids AS uuid[]), CAST(:homes AS text[]), CAST(:numbers AS int[])
) WITH ORDINALITY AS wanted (key, template_id, home, number, place)
JOIN project ON project.name = :project OR project.project_id = CAST(:project_id AS uuid)
CROSS JOIN LATERAL (
    SELECT template_id, key, title, latest_version, project_id, is_common, deleted_at
    FROM template
    WHERE template.project_id = project.project_id AND template.key = wanted.key
        AND wanted.home IS NULL
    UNION ALL
    SELECT template_id, key, template.title, latest_version, template.project_id, is_common,
           deleted_at
    FROM project AS home
    JOIN template ON template.project_id = home.project_id AND template.key = wanted.key
    WHERE home.name = wanted.home
    UNION ALL
    SELECT template_id, key, title, latest_version, project_id, is_common, deleted_at
    FROM template
    WHERE template.template_id = wanted.template_id
) AS named
JOIN template_version AS version
    ON version.template_id = named.template_id
    AND version.number = coalesce(wanted.number, named.latest_version)
WHERE named.deleted_at IS NULL
    AND (
        named.project_id = project.project_id OR named.is_common
        OR EXISTS (
            SELECT FROM template_visibility AS shown
            WHERE shown.template_id = named.template_id
                AND shown.project_id = project.project_id
        )
    )
