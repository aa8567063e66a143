-- rules --
-- What holds for each project: its own rule, or what is given for all others.
SELECT project.project_id, project.name AS project, coalesce(rule.mode, $1) AS mode,
       coalesce(rule.after_seconds, $2) AS after_seconds,
       rule.mode IS NULL AS is_default, rule.actor, rule.updated_at
FROM project
LEFT JOIN retention AS rule ON rule.project_id = project.project_id
WHERE $3::uuid IS NULL OR project.project_id = $3
ORDER BY project.name

-- ripe_roots --
-- Instances of a project that ended long enough ago, the oldest first, from behind one of them on;
-- those that others have started go with these. Reads the index of what has ended and no more.
SELECT i.instance_id, i.ended_at
FROM instance AS i
WHERE i.project_id = $1 AND i.ended_at IS NOT NULL AND i.parent_instance_id IS NULL
    AND i.ended_at < now() - $2::interval
    AND (i.ended_at, i.instance_id) > (coalesce($3, '-infinity'::timestamptz), $4)
    AND NOT EXISTS (SELECT FROM instance_hold AS hold WHERE hold.instance_id = i.instance_id)
ORDER BY i.ended_at, i.instance_id
LIMIT $5

-- count_ripe --
-- How many such instances there are, up to a bound, and when the first of them ended.
SELECT count(*) AS instances, min(ripe.ended_at) AS oldest_ended_at
FROM (
    SELECT i.ended_at
    FROM instance AS i
    WHERE i.project_id = $1 AND i.ended_at IS NOT NULL AND i.parent_instance_id IS NULL
        AND i.ended_at < now() - $2::interval
        AND NOT EXISTS (SELECT FROM instance_hold AS hold WHERE hold.instance_id = i.instance_id)
    ORDER BY i.ended_at, i.instance_id
    LIMIT $3
) AS ripe

-- lock_trees --
-- Locks ended instances with all that they have started, in order of their ids; leaves out what
-- somebody else has locked. Says of each which root it came with.
WITH RECURSIVE tree AS (
    SELECT root.instance_id AS root_id, root.instance_id
    FROM unnest($1::uuid[]) AS root (instance_id)
    UNION ALL
    SELECT tree.root_id, child.instance_id
    FROM tree
    JOIN instance AS child ON child.parent_instance_id = tree.instance_id
)
SELECT tree.root_id, i.instance_id
FROM tree
JOIN instance AS i ON i.instance_id = tree.instance_id
ORDER BY i.instance_id
FOR UPDATE OF i SKIP LOCKED

-- busy_roots --
-- Roots that have to stay: one of their instances is not locked, not over, held, or something is
-- still to be done about it.
WITH RECURSIVE tree AS (
    SELECT root.instance_id AS root_id, root.instance_id
    FROM unnest($1::uuid[]) AS root (instance_id)
    UNION ALL
    SELECT tree.root_id, child.instance_id
    FROM tree
    JOIN instance AS child ON child.parent_instance_id = tree.instance_id
)
SELECT DISTINCT tree.root_id
FROM tree
LEFT JOIN instance AS i ON i.instance_id = tree.instance_id
WHERE NOT coalesce(i.instance_id = ANY ($2::uuid[]), false)
    OR i.ended_at IS NULL
    OR EXISTS (SELECT FROM instance_hold AS hold WHERE hold.instance_id = i.instance_id)
    OR EXISTS (
        SELECT FROM command AS c WHERE c.instance_id = i.instance_id AND c.outcome IS NULL
    )
    OR EXISTS (
        SELECT FROM attempt AS a
        WHERE a.instance_id = i.instance_id
            AND (
                a.closed_at IS NULL
                OR a.cancel_requested_at IS NOT NULL AND a.cancel_confirmed_at IS NULL
            )
    )
    OR EXISTS (SELECT FROM concurrency_slot AS slot WHERE slot.instance_id = i.instance_id)

-- take_instances --
-- Deletes instances and returns their rows, without the secret that their callbacks were signed
-- with, and with what lists show of them.
DELETE FROM instance AS i
USING template AS t, project AS own, project AS home
WHERE i.instance_id = ANY ($1::uuid[]) AND t.template_id = i.template_id
    AND own.project_id = i.project_id AND home.project_id = t.project_id
RETURNING i.instance_id, i.project_id, i.template_id, i.version, i.name, i.status,
    i.labels::text AS labels, i.actor, coalesce((i.plan ->> 'is_mocked')::boolean, false) AS is_mock, i.parent_instance_id,
    i.origin_instance_id, i.origin, i.created_at, i.started_at, i.ended_at,
    (
        to_jsonb(i) - 'callback_secret' || jsonb_build_object(
            'row', 'instance',
            'project', own.name,
            'template_key', CASE
                WHEN home.project_id = own.project_id THEN t.key
                ELSE home.name || '/' || t.key
            END,
            'template_title', t.title,
            'is_mock', coalesce((i.plan ->> 'is_mocked')::boolean, false)
        )
    )::text AS line

-- take_rows --
-- Deletes what belongs to instances and returns it; in one statement, since the ways to the server
-- are most of what a small instance costs.
WITH nodes AS (
    DELETE FROM node AS n
    WHERE n.instance_id = ANY ($1::uuid[])
    RETURNING (to_jsonb(n) || '{"row": "node"}')::text AS line
), attempts AS (
    DELETE FROM attempt AS a
    WHERE a.instance_id = ANY ($1::uuid[])
    RETURNING (to_jsonb(a) || '{"row": "attempt"}')::text AS line
), commands AS (
    DELETE FROM command AS c
    WHERE c.instance_id = ANY ($1::uuid[])
    RETURNING (to_jsonb(c) || '{"row": "command"}')::text AS line
), log_lines AS (
    DELETE FROM log_line AS l
    WHERE l.instance_id = ANY ($1::uuid[])
    RETURNING (to_jsonb(l) || '{"row": "log_line"}')::text AS line
)
SELECT line FROM nodes
UNION ALL
SELECT line FROM attempts
UNION ALL
SELECT line FROM commands
UNION ALL
SELECT line FROM log_lines

-- versions --
-- What instances ran, as it was written.
SELECT v.template_id, v.number,
       jsonb_build_object(
           'row', 'version', 'template_id', v.template_id, 'number', v.number,
           'content_hash', v.content_hash, 'actor', v.actor, 'published_at', v.published_at,
           'source', v.source, 'document', v.document
       )::text AS line
FROM unnest($1::uuid[], $2::int[]) AS wanted (template_id, number)
JOIN template_version AS v
    ON v.template_id = wanted.template_id AND v.number = wanted.number

-- templates_with_unused_trials --
-- Locks a few templates of which unpublished versions are left that nothing runs or has run, as
-- whoever starts such a version does; leaves out those that somebody starts right now.
SELECT t.template_id
FROM template AS t
WHERE EXISTS (
    SELECT FROM template_version AS v
    WHERE v.template_id = t.template_id AND v.number < 0
        AND v.published_at < now() - $1::interval
        AND NOT EXISTS (
            SELECT FROM instance AS i
            WHERE i.version < 0 AND i.template_id = v.template_id AND i.version = v.number
        )
        AND NOT EXISTS (
            SELECT FROM archived_instance AS a
            WHERE a.version < 0 AND a.template_id = v.template_id AND a.version = v.number
        )
)
ORDER BY t.template_id
LIMIT $2
FOR NO KEY UPDATE OF t SKIP LOCKED

-- forget_trials --
-- Deletes the unused ones of these templates.
DELETE FROM template_version AS v
WHERE v.template_id = ANY ($1::uuid[]) AND v.number < 0
    AND v.published_at < now() - $2::interval
    AND NOT EXISTS (
        SELECT FROM instance AS i
        WHERE i.version < 0 AND i.template_id = v.template_id AND i.version = v.number
    )
    AND NOT EXISTS (
        SELECT FROM archived_instance AS a
        WHERE a.version < 0 AND a.template_id = v.template_id AND a.version = v.number
    )
RETURNING v.number

-- begin_archive --
-- Notes a file before it is begun, so that what a process leaves that dies is found.
INSERT INTO archive (archive_id, project_id, name) VALUES ($1, $2, $3)

-- unfinished_archives --
-- Files that were begun for a project and hold nothing that was deleted.
SELECT archive_id, name FROM archive WHERE project_id = $1 AND written_at IS NULL

-- forget_archive --
-- Forgets a file that was never whole.
DELETE FROM archive WHERE archive_id = $1 AND written_at IS NULL

-- finish_archive --
-- Notes that a file is whole; refused where somebody has given it up meanwhile.
UPDATE archive
SET instances = $2, bytes = $3, sha256 = $4, written_at = now()
WHERE archive_id = $1 AND written_at IS NULL
RETURNING archive_id

-- place_instances --
-- Notes where instances have gone to.
INSERT INTO archived_instance (
    instance_id, archive_id, start, length, project_id, template_id, version, name, status, labels,
    actor, is_mock, parent_instance_id, origin_instance_id, origin, created_at, started_at, ended_at
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, $14, $15, $16, $17, $18
)

-- bytes_per_instance --
-- What an instance takes on average with all that belongs to it and its share of the indexes; as
-- Postgres last counted the rows.
SELECT sum(pg_total_relation_size(c.oid))::float8
    / greatest(max(c.reltuples) FILTER (WHERE c.relname = 'instance'), 1)
FROM pg_class AS c
WHERE c.oid IN (
    'instance'::regclass, 'node'::regclass, 'attempt'::regclass, 'command'::regclass,
    'log_line'::regclass
)
