-- claim_steps --
-- Claims the open steps that nobody has claimed yet and returns their places in the arrays;
-- rows are locked in id order, so that two requests never wait for each other in a circle.
-- The first step of a further attempt is not free while one of those before it still runs and is
-- being cancelled; that of a compensation while any attempt of its instance does and is.
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
        AND (w.number = 1 OR w.step > 0 OR NOT EXISTS (
            SELECT
            FROM attempt p
            JOIN runner r ON r.boot_id = p.runner
            WHERE p.instance_id = w.instance_id
                AND p.node_id = w.node_id
                AND p.number < w.number
                AND p.cancel_requested_at IS NOT NULL
                AND p.cancel_confirmed_at IS NULL
                AND p.claimed_step IS NOT NULL
                AND p.outcome_step IS DISTINCT FROM p.claimed_step
                AND r.renewed_at > now() - $6::interval
        ))
        AND (w.step > 0 OR w.node_id NOT LIKE '%:rollback' OR NOT EXISTS (
            SELECT
            FROM attempt p
            JOIN runner r ON r.boot_id = p.runner
            WHERE p.instance_id = w.instance_id
                AND p.cancel_requested_at IS NOT NULL
                AND p.cancel_confirmed_at IS NULL
                AND p.claimed_step IS NOT NULL
                AND p.outcome_step IS DISTINCT FROM p.claimed_step
                AND r.renewed_at > now() - $6::interval
        ))
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
-- Reads what is known of steps: whether they are open, who claimed them, what came of it, and
-- whether what has to end first still runs and is being cancelled.
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
    coalesce(a.outcome_step = w.step AND a.outcome ? 'unknown', false) AS is_unknown,
    (w.number > 1 AND w.step = 0 AND EXISTS (
        SELECT
        FROM attempt p
        JOIN runner q ON q.boot_id = p.runner
        WHERE p.instance_id = w.instance_id
            AND p.node_id = w.node_id
            AND p.number < w.number
            AND p.cancel_requested_at IS NOT NULL
            AND p.cancel_confirmed_at IS NULL
            AND p.claimed_step IS NOT NULL
            AND p.outcome_step IS DISTINCT FROM p.claimed_step
            AND q.renewed_at > now() - $6::interval
    )) OR (w.step = 0 AND w.node_id LIKE '%:rollback' AND EXISTS (
        SELECT
        FROM attempt p
        JOIN runner q ON q.boot_id = p.runner
        WHERE p.instance_id = w.instance_id
            AND p.cancel_requested_at IS NOT NULL
            AND p.cancel_confirmed_at IS NULL
            AND p.claimed_step IS NOT NULL
            AND p.outcome_step IS DISTINCT FROM p.claimed_step
            AND q.renewed_at > now() - $6::interval
    )) AS is_barred
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[])
    WITH ORDINALITY AS w (instance_id, node_id, number, step, place)
JOIN attempt a USING (instance_id, node_id, number)
LEFT JOIN runner r ON r.boot_id = a.runner

-- store_outcomes --
-- Stores outcomes beside the runner's own claims; where a claim was given up meanwhile, the
-- outcome is kept as a late one. Returns the places of the claims that still were the runner's.
-- It has to be on disk when it returns: the step is let go then, and a claim of this runner
-- without an outcome would read as never begun.
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
    WHERE (a.closed_at IS NULL OR a.cancel_requested_at IS NOT NULL)
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

-- open_cancellations --
-- Reads the cancellations that are not confirmed and that this runner can do something about:
-- its own claims ("own"), those of dead runners ("dead"), waits whose plugin it hosts and whose
-- turn it is ("waiting"), and those of which nothing can go on any more, or was tried long and
-- often enough ("over", "given_up").
SELECT found.instance_id, found.node_id, found.number, found.claimed_step, found.kind
FROM (
    SELECT
        a.instance_id,
        a.node_id,
        a.number,
        a.claimed_step,
        a.cancel_requested_at,
        CASE
            WHEN a.claimed_step IS NOT NULL AND a.outcome_step IS DISTINCT FROM a.claimed_step
                THEN CASE
                    WHEN a.runner = $1 THEN 'own'
                    WHEN r.boot_id IS NULL OR r.renewed_at <= now() - $3::interval THEN 'dead'
                END
            WHEN kept.state IS NULL THEN 'over'
            WHEN a.cancel_retry_at > now() THEN NULL
            WHEN a.cancel_tries >= $4 OR a.cancel_requested_at < now() - $5::interval
                THEN 'given_up'
            WHEN (kept.state ->> 'plugin') || '@' || (kept.state ->> 'version')
                = ANY ($2::text[]) THEN 'waiting'
        END AS kind
    FROM attempt a
    LEFT JOIN runner r ON r.boot_id = a.runner
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN a.outcome_step = a.step AND a.outcome ->> 'outcome' = 'waiting'
                THEN nullif(a.outcome -> 'state', 'null')
            ELSE a.state
        END AS state
    ) kept
    WHERE a.cancel_requested_at IS NOT NULL
        AND a.cancel_confirmed_at IS NULL
        AND a.closed_at IS NOT NULL
) found
WHERE found.kind IS NOT NULL
ORDER BY found.cancel_requested_at
LIMIT $6

-- take_cancellations --
-- Takes waits whose plugin is to be asked to stop, for as long as the question may take, and
-- returns what it has to be asked with.
WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[])
        AS w (instance_id, node_id, number)
), free AS (
    SELECT a.instance_id, a.node_id, a.number
    FROM wanted w
    JOIN attempt a USING (instance_id, node_id, number)
    WHERE a.cancel_requested_at IS NOT NULL
        AND a.cancel_confirmed_at IS NULL
        AND (a.cancel_retry_at IS NULL OR a.cancel_retry_at <= now())
    ORDER BY a.instance_id, a.node_id COLLATE "C", a.number
    FOR NO KEY UPDATE OF a SKIP LOCKED
), taken AS (
    UPDATE attempt a
    SET cancel_tries = coalesce(a.cancel_tries, 0) + 1,
        cancel_retry_at = now() + $4::interval
    FROM free
    WHERE a.instance_id = free.instance_id
        AND a.node_id = free.node_id
        AND a.number = free.number
    RETURNING a.*
)
SELECT
    t.instance_id,
    t.node_id,
    t.number,
    t.step,
    t.cancel_tries AS tries,
    coalesce(t.inputs, '{}')::text AS inputs,
    CASE
        WHEN t.outcome_step = t.step AND t.outcome ->> 'outcome' = 'waiting'
            THEN (t.outcome -> 'state')::text
        ELSE t.state::text
    END AS state,
    coalesce(t.actor, i.actor, '') AS actor,
    coalesce(i.callback_secret, '') AS callback_secret,
    i.traceparent,
    coalesce(p.name, '') AS project
FROM taken t
LEFT JOIN instance i ON i.instance_id = t.instance_id
LEFT JOIN project p ON p.project_id = i.project_id

-- confirm_cancellations --
-- Says that nothing of these attempts goes on any more, where no claim is open, and forgets what
-- they kept; returns the places of those that this call confirmed.
WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[])
        WITH ORDINALITY AS w (instance_id, node_id, number, place)
), over AS (
    SELECT a.instance_id, a.node_id, a.number, w.place
    FROM wanted w
    JOIN attempt a USING (instance_id, node_id, number)
    WHERE a.cancel_requested_at IS NOT NULL
        AND a.cancel_confirmed_at IS NULL
        AND a.closed_at IS NOT NULL
        AND (a.claimed_step IS NULL OR a.outcome_step = a.claimed_step)
    ORDER BY a.instance_id, a.node_id COLLATE "C", a.number
    FOR NO KEY UPDATE OF a
)
UPDATE attempt a
SET cancel_confirmed_at = now(), state = NULL
FROM over
WHERE a.instance_id = over.instance_id
    AND a.node_id = over.node_id
    AND a.number = over.number
RETURNING (over.place - 1)::int AS place

-- cancelled_steps --
-- Reads which of some attempts are closed and were asked to stop.
SELECT (w.place - 1)::int AS place
FROM unnest($1::uuid[], $2::text[], $3::int[])
    WITH ORDINALITY AS w (instance_id, node_id, number, place)
JOIN attempt a USING (instance_id, node_id, number)
WHERE a.cancel_requested_at IS NOT NULL AND a.closed_at IS NOT NULL

-- insert_log_lines --
-- Stores log lines; fails as a whole where one of the places is taken.
INSERT INTO log_line (instance_id, node_id, number, sequence, at, level, text, size_so_far)
SELECT *
FROM unnest(
    $1::uuid[], $2::text[], $3::int[], $4::int[], $5::timestamptz[], $6::text[], $7::text[],
    $8::int[]
)

-- last_log_lines --
-- Reads where the stored lines of attempts end.
SELECT (w.place - 1)::int AS place, l.sequence, l.size_so_far
FROM unnest($1::uuid[], $2::text[], $3::int[])
    WITH ORDINALITY AS w (instance_id, node_id, number, place)
CROSS JOIN LATERAL (
    SELECT g.sequence, g.size_so_far
    FROM log_line g
    WHERE g.instance_id = w.instance_id AND g.node_id = w.node_id AND g.number = w.number
    ORDER BY g.sequence DESC
    LIMIT 1
) l

-- renew_runner --
-- Says that a runner is alive, by this server's clock, and returns what time that is.
INSERT INTO runner (boot_id, host) VALUES ($1::uuid, $2::text)
ON CONFLICT (boot_id) DO UPDATE SET renewed_at = now()
RETURNING renewed_at

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
