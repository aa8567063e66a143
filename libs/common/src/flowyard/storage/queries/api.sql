-- create_instances --
-- Stores instances, and for those that start at once their start command, from one JSON array.
WITH given AS (
    SELECT *
    FROM jsonb_to_recordset($1::jsonb) AS g (
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
    $1::text[], $2::uuid[], $3::text[], $4::int[]
) WITH ORDINALITY AS wanted (key, template_id, home, number, place)
JOIN project ON project.name = $5::text OR project.project_id = $6::uuid
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

-- runnable_by_key --
-- The same for one template that is named by its key alone, as most are: so simple that its plan is
-- made once, where lists of unknown length have the other statement planned each time it runs.
-- With the variables of the project, which saves a single start a way to the server.
SELECT 1 AS place, project.project_id, project.name AS project, template.template_id, template.key,
       template.title, version.number,
       (
           SELECT coalesce(jsonb_object_agg(variable.name, variable.value), '{}')
           FROM project_variable AS variable
           WHERE variable.project_id = project.project_id
       ) AS variables
FROM project
JOIN template ON template.project_id = project.project_id AND template.key = $1
JOIN template_version AS version
    ON version.template_id = template.template_id
    AND version.number = coalesce($2::int, template.latest_version)
WHERE (project.name = $3 OR project.project_id = $4::uuid) AND template.deleted_at IS NULL

-- last_runs --
-- The last instances of some templates in a project, the newest first; as many index entries are
-- read as are returned, however many instances there are.
SELECT run.*
FROM unnest($2::uuid[]) AS wanted (template_id)
CROSS JOIN LATERAL (
    (
        SELECT i.template_id, i.instance_id, i.name, i.status, i.created_at, i.ended_at
        FROM instance AS i
        WHERE i.project_id = $1 AND i.template_id = wanted.template_id
        ORDER BY i.instance_id DESC
        LIMIT $3
    )
    UNION ALL
    (
        SELECT a.template_id, a.instance_id, a.name, a.status, a.created_at, a.ended_at
        FROM archived_instance AS a
        WHERE a.project_id = $1 AND a.template_id = wanted.template_id
        ORDER BY a.instance_id DESC
        LIMIT $3
    )
    ORDER BY instance_id DESC
    LIMIT $3
) AS run
ORDER BY run.template_id, run.instance_id DESC

-- variables_of_projects --
-- All variables of some projects.
SELECT project_id, name, value
FROM project_variable
WHERE project_id = ANY ($1::uuid[])
ORDER BY name

-- claim_key --
-- Reserves an idempotency key for the transaction, unless another one has, and returns the answer
-- that is kept under it. An answer that was committed between the statement's snapshot and its lock
-- is not seen; who then keeps another one is refused.
SELECT pg_try_advisory_xact_lock($1::bigint) AS is_claimed, kept.request_hash, kept.status,
       kept.response
FROM (VALUES (1)) AS once
LEFT JOIN idempotency AS kept
    ON actor = $2 AND project = $3 AND method = $4 AND path = $5 AND key = $6

-- keep_answer --
-- Keeps an answer under a key, unless there is one.
INSERT INTO idempotency (actor, project, method, path, key, request_hash, status, response)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING

-- read_logs --
-- Reads what is new of several logs, and whether more may come, as of one instant.
SELECT
    (w.place - 1)::int AS place,
    i.status AS instance_status,
    a.number IS NOT NULL AS has_begun,
    a.closed_at IS NOT NULL
        AND (a.cancel_requested_at IS NULL OR a.cancel_confirmed_at IS NOT NULL) AS is_closed,
    l.sequence,
    l.at,
    l.level,
    l.text
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[])
    WITH ORDINALITY AS w (instance_id, node_id, number, after, place)
JOIN instance i ON i.instance_id = w.instance_id
LEFT JOIN attempt a
    ON a.instance_id = w.instance_id AND a.node_id = w.node_id AND a.number = w.number
LEFT JOIN LATERAL (
    SELECT g.sequence, g.at, g.level, g.text
    FROM log_line g
    WHERE g.instance_id = w.instance_id AND g.node_id = w.node_id AND g.number = w.number
        AND g.sequence > w.after
    ORDER BY g.sequence
    LIMIT $5
) l ON TRUE
ORDER BY w.place, l.sequence
