-- webhook_version --
-- How often webhooks have been changed; nothing before the first one.
SELECT version FROM webhook_level WHERE is_single;

-- enabled_webhooks --
-- All webhooks that are to be told, with what they ask for.
SELECT webhook_id, project_id, events, templates FROM webhook WHERE is_enabled;

-- record_events --
-- Store what webhooks are to be told, for those that are still there and whose labels fit.
INSERT INTO webhook_delivery (
    delivery_id, webhook_id, event, instance_id, data, traceparent, occurred_at
)
SELECT e.delivery_id, e.webhook_id, e.event, e.instance_id,
       jsonb_set(e.data::jsonb, '{instance,labels}', i.labels), i.traceparent, e.occurred_at
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[]) AS e (
    delivery_id, webhook_id, event, instance_id, data, occurred_at
)
JOIN webhook AS w ON w.webhook_id = e.webhook_id AND w.is_enabled
JOIN instance AS i ON i.instance_id = e.instance_id AND i.labels @> w.labels;
