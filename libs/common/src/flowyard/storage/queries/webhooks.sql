-- claim_deliveries --
-- Take what is due, of each webhook as many as it has places for, the first ones of all webhooks
-- before the second ones. A webhook that does not answer has one place. Who dies is followed by
-- another once the row is due again.
WITH room AS (
    SELECT w.webhook_id, CASE WHEN w.failures = 0 THEN $2::int ELSE 1 END - (
        SELECT count(*)
        FROM webhook_delivery AS b
        WHERE b.webhook_id = w.webhook_id AND b.claim IS NOT NULL
            AND b.next_at > clock_timestamp()
    ) AS places
    FROM webhook AS w
    WHERE w.is_enabled
), due AS (
    SELECT d.delivery_id, d.place
    FROM room
    CROSS JOIN LATERAL (
        SELECT p.delivery_id, row_number() OVER (ORDER BY p.next_at) AS place
        FROM webhook_delivery AS p
        WHERE p.webhook_id = room.webhook_id AND p.status = 'pending'
            AND p.next_at <= clock_timestamp()
        ORDER BY p.next_at
        LIMIT greatest(0, room.places)
    ) AS d
    ORDER BY d.place, d.delivery_id
    LIMIT $1::int
), locked AS (
    SELECT p.delivery_id
    FROM webhook_delivery AS p
    JOIN due ON due.delivery_id = p.delivery_id
    WHERE p.status = 'pending' AND p.next_at <= clock_timestamp()
    FOR UPDATE OF p SKIP LOCKED
)
UPDATE webhook_delivery AS d
SET claim = $3::uuid, next_at = clock_timestamp() + $4::interval
FROM locked, webhook AS w
WHERE d.delivery_id = locked.delivery_id AND w.webhook_id = d.webhook_id
RETURNING d.delivery_id, d.webhook_id, d.event, d.data, d.traceparent, d.occurred_at, d.tries,
          w.url, w.secret,
          CASE WHEN w.previous_until > clock_timestamp() THEN w.previous_secret END
              AS previous_secret;

-- settle_deliveries --
-- Note how tries went, and when the next ones are due; not of those that another has taken over.
WITH given AS (
    SELECT *
    FROM unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::interval[], $5::timestamptz[], $6::int[],
        $7::int[], $8::text[], $9::text[]
    ) AS g (
        delivery_id, claim, status, retry_after, started_at, duration_ms, status_code, error,
        response
    )
), mine AS (
    SELECT g.*
    FROM given AS g
    JOIN webhook_delivery AS d ON d.delivery_id = g.delivery_id AND d.claim = g.claim
    ORDER BY d.delivery_id
    FOR UPDATE OF d
), settled AS (
    UPDATE webhook_delivery AS d
    SET status = mine.status, tries = d.tries + 1, attempts = d.attempts + 1, claim = NULL,
        next_at = clock_timestamp() + mine.retry_after,
        settled_at = CASE WHEN mine.status <> 'pending' THEN clock_timestamp() END
    FROM mine
    WHERE d.delivery_id = mine.delivery_id
    RETURNING d.delivery_id, d.attempts
), noted AS (
    INSERT INTO webhook_attempt (
        delivery_id, number, started_at, duration_ms, status_code, error, response
    )
    SELECT mine.delivery_id, settled.attempts, mine.started_at, mine.duration_ms,
           mine.status_code, mine.error, mine.response
    FROM settled
    JOIN mine ON mine.delivery_id = settled.delivery_id
)
SELECT delivery_id FROM settled;

-- note_successes --
-- These webhooks answer.
UPDATE webhook SET failures = 0, failing_since = NULL
WHERE webhook_id = ANY ($1::uuid[]) AND failures <> 0;

-- note_failures --
-- A webhook has failed so often more; say whether that was too often, for too long.
UPDATE webhook
SET failures = failures + $2::int, failing_since = coalesce(failing_since, clock_timestamp())
WHERE webhook_id = $1
RETURNING failures >= $3::int AND failing_since <= clock_timestamp() - $4::interval AS is_hopeless;

-- disable_webhook --
-- Tell a webhook nothing any more, and write down why, in the name of the service.
WITH disabled AS (
    UPDATE webhook
    SET is_enabled = false, disabled_reason = $2::text
    WHERE webhook_id = $1 AND is_enabled
    RETURNING webhook_id, project_id
), raised AS (
    INSERT INTO webhook_level (version)
    SELECT 1 FROM disabled
    ON CONFLICT (is_single) DO UPDATE SET version = webhook_level.version + 1
)
INSERT INTO webhook_change (project_id, webhook_id, kind, detail, actor)
SELECT project_id, webhook_id, 'disabled', jsonb_build_object('reason', $2::text), $3::text
FROM disabled
RETURNING webhook_id;

-- measure_webhooks --
-- How much waits for each enabled webhook, counted up to a bound, since when it is due, and whether
-- nobody has written it for so long that what waited then had time to be delivered.
SELECT w.webhook_id, (
    SELECT count(*)
    FROM (
        SELECT FROM webhook_delivery AS p
        WHERE p.webhook_id = w.webhook_id AND p.status = 'pending'
        LIMIT $1
    ) AS waiting
) AS pending, (
    SELECT extract(epoch FROM clock_timestamp() - min(p.next_at))::float8
    FROM webhook_delivery AS p
    WHERE p.webhook_id = w.webhook_id AND p.status = 'pending'
) AS overdue_seconds, w.updated_at <= clock_timestamp() - $2::interval AS is_settled
FROM webhook AS w
WHERE w.is_enabled;

-- announce_key --
-- Say for whom secrets are to be sealed from now on.
INSERT INTO sealing_key (public_key) VALUES ($1)
ON CONFLICT (public_key) DO UPDATE SET announced_at = clock_timestamp();

-- forget_deliveries --
-- Delete some of what is old, with its attempts.
DELETE FROM webhook_delivery
WHERE delivery_id IN (
    SELECT delivery_id
    FROM webhook_delivery
    WHERE created_at < clock_timestamp() - $1::interval
    ORDER BY created_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
RETURNING 1;

-- forget_orphans --
-- Delete some of what has lost its webhook, with its attempts.
DELETE FROM webhook_delivery
WHERE delivery_id IN (
    SELECT d.delivery_id
    FROM webhook_change AS gone
    JOIN webhook_delivery AS d ON d.webhook_id = gone.webhook_id
    WHERE gone.kind = 'deleted'
    LIMIT $1
    FOR UPDATE OF d SKIP LOCKED
)
RETURNING 1;
