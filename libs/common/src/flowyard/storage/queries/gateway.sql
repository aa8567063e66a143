-- claim_steps --
-- Claims the open steps that nobody has claimed yet and returns their places in the arrays;
-- rows are locked in id order, so that two requests never wait for each other in a circle.
WITH wanted AS (
    SELECT *
    FROM unnest($2::uuid[], $3::text[], $4::int[], $5::int[])
        WITH ORDINALITY AS w (instance_id, node_id, number, step, place)
), free AS (
    SELECT a.instance_id, a.node_id, a.number, w.step, w.place
    FROM wanted w
    JOIN attempt a USING (instance_id, node_id, number)
    WHERE a.closed_at IS NULL
        AND a.step = w.step
        AND (a.claimed_step IS NULL OR a.claimed_step < w.step)
    ORDER BY a.instance_id, a.node_id COLLATE "C", a.number
    FOR NO KEY UPDATE OF a
)
UPDATE attempt a
SET runner = $1, claimed_step = free.step, claimed_at = now()
FROM free
WHERE a.instance_id = free.instance_id
    AND a.node_id = free.node_id
    AND a.number = free.number
RETURNING (free.place - 1)::int AS place

-- read_steps --
-- Reads what is known of steps: whether they are open, who claimed them, and what came of it.
SELECT
    (w.place - 1)::int AS place,
    a.closed_at IS NULL AS is_open,
    a.step,
    a.claimed_step,
    a.runner,
    CASE WHEN r.boot_id IS NULL THEN 'gone'
        WHEN r.renewed_at > now() - $5::interval THEN 'alive'
        ELSE 'silent'
    END AS runner_status,
    CASE WHEN a.outcome_step = w.step THEN a.outcome::text END AS outcome,
    coalesce(a.outcome_step = w.step AND a.outcome ? 'unknown', false) AS is_unknown
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[])
    WITH ORDINALITY AS w (instance_id, node_id, number, step, place)
JOIN attempt a USING (instance_id, node_id, number)
LEFT JOIN runner r ON r.boot_id = a.runner

-- store_outcomes --
-- Stores outcomes beside the runner's own claims; where a claim was given up meanwhile, the
-- outcome is kept as a late one. Returns the places of the claims that still were the runner's.
WITH given AS (
    SELECT *
    FROM unnest($2::uuid[], $3::text[], $4::int[], $5::int[], $6::text[])
        WITH ORDINALITY AS g (instance_id, node_id, number, step, outcome, place)
), own AS (
    SELECT a.instance_id, a.node_id, a.number, g.step, g.outcome::jsonb AS given, g.place
    FROM given g
    JOIN attempt a USING (instance_id, node_id, number)
    WHERE a.runner = $1 AND a.claimed_step = g.step
    ORDER BY a.instance_id, a.node_id COLLATE "C", a.number
    FOR NO KEY UPDATE OF a
)
UPDATE attempt a
SET outcome = CASE WHEN a.outcome_step = own.step THEN a.outcome ELSE own.given END,
    outcome_step = own.step,
    late_outcome = CASE
        WHEN a.outcome_step = own.step AND a.outcome ? 'unknown' THEN own.given
        ELSE a.late_outcome
    END
FROM own
WHERE a.instance_id = own.instance_id
    AND a.node_id = own.node_id
    AND a.number = own.number
    AND a.runner = $1
    AND a.claimed_step = own.step
RETURNING
    (own.place - 1)::int AS place,
    coalesce(a.outcome ? 'unknown', false) AS is_late

-- give_up_claims --
-- Declares the outcome of dead runners' claims unknown, where none is stored yet and the runner
-- has not come back; returns the places of those that it declared.
WITH wanted AS (
    SELECT *
    FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[])
        WITH ORDINALITY AS w (instance_id, node_id, number, step, place)
), abandoned AS (
    SELECT a.instance_id, a.node_id, a.number, a.runner, w.step, w.place
    FROM wanted w
    JOIN attempt a USING (instance_id, node_id, number)
    WHERE a.closed_at IS NULL
        AND a.claimed_step = w.step
        AND a.outcome_step IS DISTINCT FROM w.step
        AND NOT EXISTS (
            SELECT FROM runner r
            WHERE r.boot_id = a.runner AND r.renewed_at > now() - $5::interval
        )
    ORDER BY a.instance_id, a.node_id COLLATE "C", a.number
    FOR NO KEY UPDATE OF a
)
UPDATE attempt a
SET outcome = '{"unknown": true}', outcome_step = abandoned.step
FROM abandoned
WHERE a.instance_id = abandoned.instance_id
    AND a.node_id = abandoned.node_id
    AND a.number = abandoned.number
    AND a.runner = abandoned.runner
    AND a.claimed_step = abandoned.step
    AND a.outcome_step IS DISTINCT FROM abandoned.step
RETURNING (abandoned.place - 1)::int AS place

-- release_claims --
-- Takes back the runner's own claims on steps that it has not begun and will not begin.
WITH given AS (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::int[], $5::int[])
        AS g (instance_id, node_id, number, step)
), own AS (
    SELECT a.instance_id, a.node_id, a.number, g.step
    FROM given g
    JOIN attempt a USING (instance_id, node_id, number)
    WHERE a.runner = $1
        AND a.claimed_step = g.step
        AND a.outcome_step IS DISTINCT FROM g.step
    ORDER BY a.instance_id, a.node_id COLLATE "C", a.number
    FOR NO KEY UPDATE OF a
)
UPDATE attempt a
SET runner = NULL, claimed_step = NULL, claimed_at = NULL
FROM own
WHERE a.instance_id = own.instance_id
    AND a.node_id = own.node_id
    AND a.number = own.number
    AND a.runner = $1
    AND a.claimed_step = own.step
    AND a.outcome_step IS DISTINCT FROM own.step

-- renew_runner --
-- Says that a runner is alive, by this server's clock.
INSERT INTO runner (boot_id, host) VALUES ($1::uuid, $2::text)
ON CONFLICT (boot_id) DO UPDATE SET renewed_at = now()

-- remove_runner --
-- Takes a runner's row away: its claims without an outcome are unknown from then on.
DELETE FROM runner WHERE boot_id = $1

-- forget_runners --
-- Takes away the rows of runners that have been dead for long; without a row they stay dead.
DELETE FROM runner WHERE renewed_at < now() - $1::interval

-- fetch_secrets --
-- Reads sealed secrets by the names of their projects and their own.
SELECT w.project, w.name, s.sealed
FROM unnest($1::text[], $2::text[]) AS w (project, name)
JOIN project p ON p.name = w.project
JOIN secret s ON s.project_id = p.project_id AND s.name = w.name
