-- clock --
-- The only clock that timers and leases go by.
SELECT clock_timestamp();

-- load_instances --
-- What the owner of a partition needs to know of instances that it does not hold, with their inbox:
-- one look at both, so that no command stands there that the instance shows the effect of.
SELECT i.instance_id, i.project_id, p.name AS project, i.template_id, i.version, i.name, i.status,
       i.revision, i.partition, i.given, i.variables, i.outputs, i.failure, i.actor, i.traceparent,
       i.callback_secret, i.parent_instance_id, i.parent_node_id, i.parent_number, i.started_at,
       i.ended_at, i.plan, i.phase, i.breakpoints, i.priority, t.key AS template,
       (
           SELECT jsonb_agg(
               jsonb_build_object(
                   'command_id', c.command_id, 'kind', c.kind, 'node_id', c.node_id,
                   'payload', c.payload, 'actor', c.actor, 'traceparent', c.traceparent
               )
               ORDER BY c.command_id
           )
           FROM command AS c
           WHERE c.instance_id = i.instance_id AND c.outcome IS NULL
       ) AS commands
FROM instance AS i
JOIN project AS p ON p.project_id = i.project_id
JOIN template AS t ON t.template_id = i.template_id
WHERE i.instance_id = ANY ($1::uuid[]);

-- load_nodes --
-- Reached nodes with their latest attempts; inputs and state only where a step may still need them.
SELECT n.instance_id, n.node_id, n.status, n.visits, n.reason, n.check_at, n.arrived, n.expected,
       n.outputs, n.failure, n.reached_at, n.ended_at, a.number, a.status AS attempt_status, a.step,
       a.resume, a.wait_until, a.opened_at, a.started_at, a.closed_at, a.dispatched_step,
       a.failure AS attempt_failure, a.actor, a.visit, a.trace, n.mark, n.retries, n.resume_at,
       n.deadline_at, n.since, n.variables,
       CASE
           WHEN a.closed_at IS NULL OR n.status = 'failed' OR n.reason = 'retry' THEN a.inputs
       END AS inputs,
       CASE WHEN a.closed_at IS NULL THEN a.state END AS state,
       CASE WHEN a.closed_at IS NULL THEN a.outputs END AS attempt_outputs
FROM node AS n
LEFT JOIN attempt AS a
    ON a.instance_id = n.instance_id AND a.node_id = n.node_id AND a.number = n.number
WHERE n.instance_id = ANY ($1::uuid[])
ORDER BY n.instance_id, n.reached_at, n.node_id;

-- load_graph --
-- The compiled graph of one template version; it never changes.
SELECT graph FROM template_version WHERE template_id = $1 AND number = $2;

-- open_commands --
-- The inbox of the given instances, oldest first.
SELECT command_id, instance_id, kind, node_id, payload, actor, traceparent
FROM command
WHERE instance_id = ANY ($1::uuid[]) AND outcome IS NULL
ORDER BY command_id;

-- instances_with_commands --
-- Instances of the given partitions whose doorbell may have been lost, but for those that are only
-- to be started.
SELECT DISTINCT instance_id
FROM command
WHERE outcome IS NULL AND kind <> 'start' AND partition % $2::int = ANY ($1::int[])
    AND created_at <= clock_timestamp() - $3::interval
LIMIT $4;

-- due_nodes --
-- Reached nodes of the given partitions that must be looked at now, and those that wait for a
-- time until the given horizon.
SELECT n.instance_id, n.node_id, n.partition, n.reason, n.check_at, a.number, a.step, a.wait_until,
       n.resume_at, n.deadline_at
FROM node AS n
LEFT JOIN attempt AS a
    ON a.instance_id = n.instance_id AND a.node_id = n.node_id AND a.number = n.number
WHERE n.reason IS NOT NULL AND n.check_at <= clock_timestamp() + $3::interval
    AND (
        n.check_at <= clock_timestamp()
        OR n.reason IN ('timer', 'callback', 'approval', 'retry')
        OR n.deadline_at IS NOT NULL
    )
    AND n.partition % $2::int = ANY ($1::int[])
ORDER BY n.check_at
LIMIT $4;

-- reasonless_nodes --
-- Reached nodes of the given partitions that are not final and wait for nothing: there are none.
SELECT instance_id, node_id
FROM node
WHERE reason IS NULL AND status IN ('ready', 'running', 'waiting', 'failed')
    AND partition % $2::int = ANY ($1::int[])
LIMIT $3;

-- open_steps --
-- Steps of the given partitions that were handed out, or should have been; for a takeover.
SELECT n.instance_id, n.node_id, a.number, a.step, a.queue, i.partition,
       a.dispatched_step IS NOT NULL AND a.dispatched_step >= a.step AS is_dispatched
FROM node AS n
JOIN attempt AS a
    ON a.instance_id = n.instance_id AND a.node_id = n.node_id AND a.number = n.number
JOIN instance AS i ON i.instance_id = n.instance_id
WHERE n.reason IN ('queued', 'running') AND a.closed_at IS NULL AND a.queue IS NOT NULL
    AND n.partition % $2::int = ANY ($1::int[])
ORDER BY n.reached_at;

-- ended_child --
-- How the child of a subflow's attempt ended, if it has.
SELECT instance_id, status, outputs
FROM instance
WHERE parent_instance_id = $1 AND parent_node_id = $2 AND parent_number = $3;

-- partitions_of --
-- To which partitions instances belong.
SELECT instance_id, partition FROM instance WHERE instance_id = ANY ($1::uuid[]);

-- brokers --
-- Through which broker the given partitions were last driven.
SELECT partition, broker_id FROM partition_broker WHERE partition = ANY ($1::int[]);

-- note_brokers --
-- Note through which broker the given partitions are driven from now on.
INSERT INTO partition_broker (partition, broker_id)
SELECT partition, $2 FROM unnest($1::int[]) AS given (partition)
ON CONFLICT (partition) DO UPDATE
SET broker_id = EXCLUDED.broker_id, assigned_at = clock_timestamp();

-- start_child --
-- Create the child of a subflow's attempt with its start command, once. A key without a project
-- is one of the project that the parent's template is of, wherever the parent runs. A pinned
-- version was visible when it was pinned; the latest one has to be visible now, and to have the
-- schemes that it is to run with.
WITH child AS (
    INSERT INTO instance (
        instance_id, project_id, template_id, version, name, partition, given, actor, traceparent,
        callback_secret, parent_instance_id, parent_node_id, parent_number, plan, priority
    )
    SELECT $1, parent.project_id, t.template_id, v.number, parent.name || ' / ' || $7::text, $2,
           $10::jsonb, parent.actor, $13, $3, parent.instance_id, $7, $8,
           $11::jsonb, parent.priority
    FROM instance AS parent
    JOIN template AS own ON own.template_id = parent.template_id
    JOIN template AS t ON t.key = split_part($5, '/', -1) AND t.project_id = CASE
        WHEN strpos($5, '/') = 0 THEN own.project_id
        ELSE (SELECT project_id FROM project WHERE project.name = split_part($5, '/', 1))
    END
    JOIN template_version AS v ON v.template_id = t.template_id
        AND v.number = coalesce($6, t.latest_version)
    WHERE parent.instance_id = $4
        AND (
            $6 IS NOT NULL OR t.project_id = own.project_id OR t.is_common
            OR EXISTS (
                SELECT FROM template_visibility AS shown
                WHERE shown.template_id = t.template_id AND shown.project_id = own.project_id
            )
        )
        AND NOT EXISTS (
            SELECT FROM unnest($12::text[]) AS wanted
            WHERE NOT coalesce(v.graph -> 'schemes', '[]')
                @> jsonb_build_array(jsonb_build_object('name', wanted))
        )
    ON CONFLICT (parent_instance_id, parent_node_id, parent_number)
        WHERE parent_instance_id IS NOT NULL DO NOTHING
    RETURNING instance_id, partition, actor
)
INSERT INTO command (instance_id, partition, kind, actor)
SELECT instance_id, partition, $9, actor FROM child
RETURNING instance_id, partition;

-- cancel_child --
-- Ask for the end of the child of a subflow's attempt, unless it has ended.
INSERT INTO command (instance_id, partition, kind, actor)
SELECT instance_id, partition, 'cancel', $4
FROM instance
WHERE parent_instance_id = $1 AND parent_node_id = $2 AND parent_number = $3
    AND status NOT IN ('succeeded', 'cancelled')
RETURNING instance_id, partition;

-- request_cancels --
-- Ask the plugin gateways to stop what attempts have begun that are closed now.
UPDATE attempt AS a
SET cancel_requested_at = clock_timestamp()
FROM unnest($1::uuid[], $2::text[], $3::int[]) AS c (instance_id, node_id, number)
WHERE a.instance_id = c.instance_id AND a.node_id = c.node_id AND a.number = c.number
    AND a.closed_at IS NOT NULL AND a.cancel_requested_at IS NULL
    AND (a.dispatched_step IS NOT NULL OR a.claimed_step IS NOT NULL OR a.state IS NOT NULL);

-- notify_parent --
-- Tell the parent's attempt how its child has ended.
INSERT INTO command (instance_id, partition, kind, node_id, payload, actor)
SELECT instance_id, partition, 'child_ended', $2, $3::jsonb, $4
FROM instance
WHERE instance_id = $1
RETURNING instance_id, partition;

-- mark_dispatched --
-- Note that steps were published, where they are still the present ones. Plugin gateways claim the
-- same rows at that moment: all lock them in the order of their keys, or they would wait for each
-- other until Postgres breaks one of them off, a second later.
WITH present AS (
    SELECT a.instance_id, a.node_id, a.number, a.step
    FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[])
        AS d (instance_id, node_id, number, step)
    JOIN attempt AS a USING (instance_id, node_id, number)
    WHERE a.step = d.step AND a.closed_at IS NULL
    ORDER BY a.instance_id, a.node_id COLLATE "C", a.number
    FOR NO KEY UPDATE OF a
)
UPDATE attempt AS a
SET dispatched_step = present.step, dispatched_at = clock_timestamp()
FROM present
WHERE a.instance_id = present.instance_id AND a.node_id = present.node_id
    AND a.number = present.number;

-- write_batch --
-- Store a whole batch of decisions, for the instances whose revision is the expected one.
-- What few rows have travels as one JSON object: the driver is slow with many arrays.
-- A kept plan does not know how large the arrays are and takes them for small. CASE keeps it from
-- comparing each row with each instance: what it guards is looked up in a hash table.
WITH given AS (
    SELECT instance_id, revision, changes::jsonb AS c
    FROM unnest($1::uuid[], $2::int[], $3::text[]) AS g (instance_id, revision, changes)
    -- Whoever decided knew all webhooks, or decides again.
    WHERE coalesce((SELECT version FROM webhook_level WHERE is_single), 0) = $43::int
), held AS (
    SELECT i.instance_id
    FROM instance AS i
    JOIN given AS g ON g.instance_id = i.instance_id AND g.revision = i.revision
    ORDER BY i.instance_id
    FOR UPDATE OF i
), moved AS (
    UPDATE instance AS i
    SET revision = g.revision + 1,
        status = CASE WHEN g.c IS NULL THEN i.status ELSE g.c ->> 'status' END,
        variables = CASE WHEN g.c IS NULL THEN i.variables ELSE g.c -> 'variables' END,
        outputs = CASE WHEN g.c IS NULL THEN i.outputs ELSE g.c -> 'outputs' END,
        failure = CASE WHEN g.c IS NULL THEN i.failure ELSE g.c -> 'failure' END,
        started_at = CASE
            WHEN g.c IS NULL THEN i.started_at ELSE (g.c ->> 'started_at')::timestamptz
        END,
        ended_at = CASE
            WHEN g.c IS NULL THEN i.ended_at ELSE (g.c ->> 'ended_at')::timestamptz
        END,
        phase = CASE WHEN g.c IS NULL THEN i.phase ELSE g.c ->> 'phase' END,
        breakpoints = CASE WHEN g.c IS NULL THEN i.breakpoints ELSE g.c -> 'breakpoints' END,
        priority = CASE WHEN g.c IS NULL THEN i.priority ELSE (g.c ->> 'priority')::smallint END
    FROM given AS g
    WHERE i.instance_id = g.instance_id
        AND CASE WHEN i.instance_id IN (SELECT instance_id FROM held) THEN true END
    RETURNING i.instance_id
), stored_nodes AS (
    INSERT INTO node AS stored (
        instance_id, node_id, partition, status, revision, visits, reason, check_at, arrived,
        expected, number, outputs, failure, reached_at, ended_at, mark, retries, resume_at,
        deadline_at, since, variables
    )
    SELECT n.instance_id, n.node_id, n.partition, n.status, n.revision, n.visits, n.reason,
           n.check_at, coalesce((n.more ->> 'arrived')::int, 0),
           coalesce((n.more ->> 'expected')::int, 0), n.number, n.outputs::jsonb,
           n.more -> 'failure', n.reached_at, n.ended_at, n.more ->> 'mark',
           coalesce((n.more ->> 'retries')::int, 0), (n.more ->> 'resume_at')::timestamptz,
           (n.more ->> 'deadline_at')::timestamptz, (n.more ->> 'since')::timestamptz,
           n.more -> 'variables'
    FROM (
        SELECT instance_id, node_id, status, visits, reason, check_at, number, outputs, reached_at,
               ended_at, partition, revision, rare::jsonb AS more
        FROM unnest(
            $4::uuid[], $5::text[], $6::text[], $7::int[], $8::text[], $9::timestamptz[],
            $10::int[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::int[],
            $15::int[], $16::text[]
        ) AS u (
            instance_id, node_id, status, visits, reason, check_at, number, outputs, reached_at,
            ended_at, partition, revision, rare
        )
    ) AS n
    WHERE CASE WHEN n.instance_id IN (SELECT instance_id FROM moved) THEN true END
    ON CONFLICT (instance_id, node_id) DO UPDATE
    SET status = EXCLUDED.status, revision = EXCLUDED.revision, visits = EXCLUDED.visits,
        reason = EXCLUDED.reason, check_at = EXCLUDED.check_at, arrived = EXCLUDED.arrived,
        expected = EXCLUDED.expected, number = EXCLUDED.number, outputs = EXCLUDED.outputs,
        failure = EXCLUDED.failure, reached_at = EXCLUDED.reached_at, ended_at = EXCLUDED.ended_at,
        mark = EXCLUDED.mark, retries = EXCLUDED.retries, resume_at = EXCLUDED.resume_at,
        deadline_at = EXCLUDED.deadline_at, since = EXCLUDED.since,
        variables = EXCLUDED.variables
), opened AS (
    INSERT INTO attempt (
        instance_id, node_id, number, step, status, queue, inputs, outputs, failure, opened_at,
        closed_at, actor, visit, trace
    )
    SELECT o.instance_id, o.node_id, o.number, o.step, o.status, o.queue, o.inputs::jsonb,
           o.more -> 'outputs', o.more -> 'failure', o.opened_at,
           (o.more ->> 'closed_at')::timestamptz, o.more ->> 'actor', o.visit, o.more -> 'trace'
    FROM (
        SELECT instance_id, node_id, number, step, status, queue, inputs, opened_at, visit,
               rare::jsonb AS more
        FROM unnest(
            $17::uuid[], $18::text[], $19::int[], $20::int[], $21::text[], $22::text[],
            $23::text[], $24::timestamptz[], $25::int[], $26::text[]
        ) AS u (
            instance_id, node_id, number, step, status, queue, inputs, opened_at, visit, rare
        )
    ) AS o
    WHERE CASE WHEN o.instance_id IN (SELECT instance_id FROM moved) THEN true END
), changed AS (
    -- What is marked as dispatched stands among what is changed, in the order of the keys: plugin
    -- gateways lock these rows in that order too, so that neither waits for the other in a circle.
    UPDATE attempt AS a
    SET step = c.step,
        status = CASE WHEN c.is_mark THEN a.status ELSE c.status END,
        state = CASE WHEN c.is_mark THEN a.state ELSE c.more -> 'state' END,
        resume = CASE WHEN c.is_mark THEN a.resume ELSE c.more -> 'resume' END,
        wait_until = CASE
            WHEN c.is_mark THEN a.wait_until ELSE (c.more ->> 'wait_until')::timestamptz
        END,
        outputs = CASE WHEN c.is_mark THEN a.outputs ELSE c.outputs::jsonb END,
        failure = CASE WHEN c.is_mark THEN a.failure ELSE c.more -> 'failure' END,
        started_at = CASE WHEN c.is_mark THEN a.started_at ELSE c.started_at END,
        closed_at = CASE WHEN c.is_mark THEN a.closed_at ELSE c.closed_at END,
        dispatched_step = coalesce(c.dispatched_step, a.dispatched_step),
        dispatched_at = CASE
            WHEN c.dispatched_step IS NULL THEN a.dispatched_at ELSE clock_timestamp()
        END
    FROM (
        SELECT instance_id, node_id, number, step, status, outputs, started_at, closed_at,
               dispatched_step, is_mark, rare::jsonb AS more
        FROM unnest(
            $27::uuid[], $28::text[], $29::int[], $30::int[], $31::text[], $32::text[],
            $33::timestamptz[], $34::timestamptz[], $35::int[], $36::bool[], $37::text[]
        ) AS u (
            instance_id, node_id, number, step, status, outputs, started_at, closed_at,
            dispatched_step, is_mark, rare
        )
    ) AS c
    WHERE a.instance_id = c.instance_id AND a.node_id = c.node_id AND a.number = c.number
        AND CASE
            WHEN c.is_mark THEN a.step = c.step AND a.closed_at IS NULL
            ELSE c.instance_id IN (SELECT instance_id FROM moved)
        END
), settled AS (
    UPDATE command AS stored
    SET outcome = s.outcome, code = s.code, message = s.message, settled_at = clock_timestamp()
    FROM unnest($38::bigint[], $39::uuid[], $40::text[], $41::text[], $42::text[]) AS s (
        command_id, instance_id, outcome, code, message
    )
    -- Not "outcome IS NULL": that would read all open commands to find a few.
    WHERE stored.command_id = s.command_id AND coalesce(stored.outcome, '') = ''
        AND CASE WHEN s.instance_id IN (SELECT instance_id FROM moved) THEN true END
)
SELECT instance_id, clock_timestamp() AS stored_at FROM moved;
