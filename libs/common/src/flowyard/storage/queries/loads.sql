-- report_load --
-- Tells how much waits in one scheduler's partitions now.
INSERT INTO scheduler_load (scheduler_id, load) VALUES ($1, $2::jsonb)
ON CONFLICT (scheduler_id) DO UPDATE
SET load = EXCLUDED.load, reported_at = clock_timestamp()

-- read_loads --
-- What all schedulers have told lately, and how many seconds ago; the order lets it go by the index
-- of the few rows, as hot connections plan.
SELECT load, extract(epoch FROM clock_timestamp() - reported_at)::float8 AS age_seconds
FROM scheduler_load
WHERE reported_at > clock_timestamp() - $1::interval
ORDER BY scheduler_id

-- forget_loads --
-- Takes away what a scheduler has told that stops, and what others told long ago.
DELETE FROM scheduler_load
WHERE scheduler_id = $1 OR reported_at < clock_timestamp() - $2::interval
