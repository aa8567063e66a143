-- ask_slots --
-- Put attempts into the lines of their concurrency keys; one that asks again keeps its place.
INSERT INTO concurrency_slot (instance_id, node_id, number, project_id, key, "limit")
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::text[], $6::int[])
ON CONFLICT (instance_id, node_id, number) DO UPDATE
SET "limit" = EXCLUDED."limit"
RETURNING instance_id, node_id, number, granted_at IS NOT NULL AS is_granted;

-- hold_back_slots --
-- Keep the slots of attempts that were closed from outside until their plugins have stopped.
UPDATE concurrency_slot AS s
SET releasing_at = clock_timestamp()
FROM unnest($1::uuid[], $2::text[], $3::int[]) AS g (instance_id, node_id, number)
JOIN attempt AS a USING (instance_id, node_id, number)
WHERE s.instance_id = g.instance_id AND s.node_id = g.node_id AND s.number = g.number
    AND s.granted_at IS NOT NULL
    AND a.cancel_requested_at IS NOT NULL AND a.cancel_confirmed_at IS NULL;

-- releasing_slots --
-- Slots of the given partitions that wait for plugins to stop, and whether these have.
SELECT s.instance_id, s.node_id, s.number,
       a.instance_id IS NULL OR a.cancel_confirmed_at IS NOT NULL AS is_free
FROM concurrency_slot AS s
LEFT JOIN instance AS i ON i.instance_id = s.instance_id
LEFT JOIN attempt AS a
    ON a.instance_id = s.instance_id AND a.node_id = s.node_id AND a.number = s.number
WHERE s.releasing_at IS NOT NULL
    AND coalesce(i.partition, 0) % $2::int = ANY ($1::int[])
ORDER BY s.releasing_at
LIMIT $3;

-- drop_slots --
-- Take attempts out of their lines, whatever they wait for.
DELETE FROM concurrency_slot AS s
USING unnest($1::uuid[], $2::text[], $3::int[]) AS g (instance_id, node_id, number)
WHERE s.instance_id = g.instance_id AND s.node_id = g.node_id AND s.number = g.number;

-- give_back_slots --
-- Take attempts out of their lines, but for those whose plugins have to stop first.
DELETE FROM concurrency_slot AS s
USING unnest($1::uuid[], $2::text[], $3::int[]) AS g (instance_id, node_id, number)
WHERE s.instance_id = g.instance_id AND s.node_id = g.node_id AND s.number = g.number
    AND s.releasing_at IS NULL;

-- give_back_orphans --
-- Give back the slots of lines whose attempts have ended without doing so. Only what holds a slot
-- is looked at: that costs as much as the limits allow, however long the lines are.
DELETE FROM concurrency_slot AS s
USING unnest($1::uuid[], $2::text[]) AS k (project_id, key)
WHERE s.project_id = k.project_id AND s.key = k.key AND s.granted_at IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM attempt AS a
        WHERE a.instance_id = s.instance_id AND a.node_id = s.node_id AND a.number = s.number
            AND (
                a.closed_at IS NULL
                OR (a.cancel_requested_at IS NOT NULL AND a.cancel_confirmed_at IS NULL)
            )
    );

-- granted_slots --
-- Which of some attempts may work.
SELECT instance_id, node_id, number
FROM unnest($1::uuid[], $2::text[], $3::int[]) AS g (instance_id, node_id, number)
JOIN concurrency_slot AS s USING (instance_id, node_id, number)
WHERE s.granted_at IS NOT NULL;

-- lock_lines --
-- Let transactions that change the same line follow each other, before they touch a row of it; in
-- one order, so that none waits for another in a circle. The lines are those of the given keys,
-- and those that the given attempts stand in.
SELECT project_id, key, pg_advisory_xact_lock(lock)
FROM (
    SELECT project_id, key, hashtextextended(project_id::text || '/' || key, 0) AS lock
    FROM (
        SELECT project_id, key
        FROM unnest($1::uuid[], $2::text[]) AS k (project_id, key)
        UNION
        SELECT s.project_id, s.key
        FROM unnest($3::uuid[], $4::text[], $5::int[]) AS g (instance_id, node_id, number)
        JOIN concurrency_slot AS s USING (instance_id, node_id, number)
    ) AS lines
    ORDER BY lock
) AS locks;

-- grant_slots --
-- Let as many attempts work as the keys have room for, first come, first served; the limit is that
-- of the attempt which comes next.
WITH room AS (
    SELECT k.project_id, k.key, next."limit" - busy.count AS free
    FROM (
        SELECT DISTINCT project_id, key
        FROM unnest($1::uuid[], $2::text[]) AS k (project_id, key)
    ) AS k
    CROSS JOIN LATERAL (
        SELECT s."limit"
        FROM concurrency_slot AS s
        WHERE s.project_id = k.project_id AND s.key = k.key AND s.granted_at IS NULL
        ORDER BY s.position
        LIMIT 1
    ) AS next
    CROSS JOIN LATERAL (
        SELECT count(*) AS count
        FROM concurrency_slot AS s
        WHERE s.project_id = k.project_id AND s.key = k.key AND s.granted_at IS NOT NULL
    ) AS busy
), chosen AS (
    SELECT line.instance_id, line.node_id, line.number
    FROM room AS r
    CROSS JOIN LATERAL (
        SELECT s.instance_id, s.node_id, s.number
        FROM concurrency_slot AS s
        WHERE s.project_id = r.project_id AND s.key = r.key AND s.granted_at IS NULL
        ORDER BY s.position
        LIMIT greatest(r.free, 0)
    ) AS line
)
UPDATE concurrency_slot AS s
SET granted_at = clock_timestamp()
FROM chosen AS c
WHERE s.instance_id = c.instance_id AND s.node_id = c.node_id AND s.number = c.number
RETURNING s.instance_id, s.node_id, s.number;

-- tell_granted --
-- Tell attempts that they may work.
INSERT INTO command (instance_id, partition, kind, node_id, payload, actor)
SELECT i.instance_id, i.partition, 'slot_granted', g.node_id,
       jsonb_build_object('number', g.number), $4
FROM unnest($1::uuid[], $2::text[], $3::int[]) AS g (instance_id, node_id, number)
JOIN instance AS i ON i.instance_id = g.instance_id
ORDER BY i.instance_id, g.node_id
RETURNING instance_id, partition;
