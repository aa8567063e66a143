-- unstarted --
-- Those of the given instances of which nothing is asked but to start; without children, whose
-- parents wait for them.
SELECT i.instance_id, i.partition, i.priority, i.template_id, i.version, p.name AS project,
       min(c.created_at) AS asked_at
FROM instance AS i
JOIN project AS p ON p.project_id = i.project_id
JOIN command AS c ON c.instance_id = i.instance_id AND c.outcome IS NULL
WHERE i.instance_id = ANY ($1::uuid[]) AND i.status = 'created' AND i.parent_instance_id IS NULL
GROUP BY i.instance_id, p.name
HAVING bool_and(c.kind = 'start')
ORDER BY min(c.command_id);

-- open_starts --
-- The oldest starts of the given partitions that nobody has carried out for a while.
SELECT instance_id
FROM command
WHERE outcome IS NULL AND kind = 'start' AND partition % $2::int = ANY ($1::int[])
    AND created_at <= clock_timestamp() - $3::interval
ORDER BY command_id
LIMIT $4;

-- count_open_starts --
-- How many starts wait, counted up to a bound.
SELECT count(*)
FROM (SELECT FROM command WHERE outcome IS NULL AND kind = 'start' LIMIT $1) AS waiting
