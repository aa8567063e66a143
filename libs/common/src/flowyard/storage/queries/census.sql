-- count_waiting --
-- How many nodes of the given partitions wait, by reason; by the index of those that do.
SELECT reason, count(*) AS nodes
FROM node
WHERE reason IS NOT NULL AND partition % $2::int = ANY ($1::int[])
GROUP BY reason

-- count_live --
-- How many instances of the given partitions have not ended, by status.
SELECT status, count(*) AS instances
FROM instance
WHERE status NOT IN ('succeeded', 'cancelled') AND partition % $2::int = ANY ($1::int[])
GROUP BY status
