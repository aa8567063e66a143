-- uses --
-- Where a plugin or template is used: in drafts, in latest versions, and in older versions that
-- open instances run; page by page in the order of template, version and node.
SELECT home.name AS project, t.template_id, t.key, t.title, t.latest_version, used.number,
       used.node_id, used.version, coalesce(running.instances, 0) AS open_instances
FROM template_use AS used
JOIN template AS t ON t.template_id = used.template_id
JOIN project AS home ON home.project_id = t.project_id
LEFT JOIN (
    SELECT i.template_id, i.version, count(*) AS instances
    FROM instance AS i
    WHERE i.status NOT IN ('succeeded', 'cancelled')
    GROUP BY i.template_id, i.version
) AS running ON running.template_id = used.template_id AND running.version = used.number
WHERE used.kind = :kind AND used.target = :target
    AND (CAST(:version AS text) IS NULL OR used.version = CAST(:version AS text))
    AND (CAST(:project AS text) IS NULL OR home.name = CAST(:project AS text))
    AND (
        running.instances IS NOT NULL
        OR (t.deleted_at IS NULL AND (used.number = 0 OR used.number = t.latest_version))
    )
    AND (used.template_id, used.number, used.node_id, used.version)
        > (CAST(:template_id AS uuid), CAST(:number AS int), CAST(:node_id AS text),
           CAST(:after_version AS text))
ORDER BY used.template_id, used.number, used.node_id, used.version
LIMIT :limit

-- using_templates --
-- Templates whose draft or latest version uses a plugin or template, from behind one on.
SELECT DISTINCT home.name AS project, t.template_id, t.key
FROM template_use AS used
JOIN template AS t ON t.template_id = used.template_id
JOIN project AS home ON home.project_id = t.project_id
WHERE used.kind = :kind AND used.target = :target
    AND (CAST(:version AS text) IS NULL OR used.version IN (CAST(:version AS text), ''))
    AND (CAST(:project AS text) IS NULL OR home.name = CAST(:project AS text))
    AND t.deleted_at IS NULL AND (used.number = 0 OR used.number = t.latest_version)
    AND t.template_id > CAST(:after AS uuid)
ORDER BY t.template_id
LIMIT :limit

-- subflow_pins --
-- The subflows of one version, or of the draft, with what their templates are at now.
SELECT used.node_id, used.target, used.version, t.template_id, t.latest_version, t.deleted_at
FROM template_use AS used
LEFT JOIN project AS home ON home.name = split_part(used.target, '/', 1)
LEFT JOIN template AS t
    ON t.project_id = home.project_id AND t.key = split_part(used.target, '/', 2)
WHERE used.template_id = :template_id AND used.number = :number AND used.kind = 'subflow'
ORDER BY used.node_id, used.target, used.version

-- hold_targets --
-- Locks the templates that others come to use, so that none is deleted at the same moment, and
-- returns those that are not deleted; nothing that changes them otherwise has to wait.
SELECT home.name || '/' || t.key AS target, t.template_id, t.project_id, t.is_common
FROM unnest(CAST(:targets AS text[])) AS wanted (target)
JOIN project AS home ON home.name = split_part(wanted.target, '/', 1)
JOIN template AS t ON t.project_id = home.project_id AND t.key = split_part(wanted.target, '/', 2)
WHERE t.deleted_at IS NULL
ORDER BY t.template_id
FOR KEY SHARE OF t

-- stop_uses --
-- Asks for the end of open instances that run a version with some use, or a template itself, and
-- for which nobody has asked yet; one command each, the oldest instances first.
WITH wanted AS (
    SELECT i.instance_id, i.partition
    FROM instance AS i
    WHERE i.status NOT IN ('succeeded', 'cancelled')
        AND (CAST(:project_id AS uuid) IS NULL OR i.project_id = CAST(:project_id AS uuid))
        AND (
            EXISTS (
                SELECT FROM template_use AS used
                WHERE used.template_id = i.template_id AND used.number = i.version
                    AND used.kind = :kind AND used.target = :target
                    AND (
                        CAST(:version AS text) IS NULL OR used.version = CAST(:version AS text)
                    )
            )
            OR (
                i.template_id = CAST(:own_id AS uuid)
                AND (CAST(:own_number AS int) IS NULL OR i.version = CAST(:own_number AS int))
            )
        )
        AND NOT EXISTS (
            SELECT FROM command AS asked
            WHERE asked.partition = i.partition AND asked.instance_id = i.instance_id
                AND asked.kind = 'cancel' AND asked.outcome IS NULL
        )
    ORDER BY i.instance_id
    LIMIT :limit
)
INSERT INTO command (instance_id, partition, kind, actor)
SELECT instance_id, partition, 'cancel', :actor FROM wanted ORDER BY instance_id
RETURNING instance_id, partition, command_id
