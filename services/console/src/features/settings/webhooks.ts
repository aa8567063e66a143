import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body, once } from "@/api/client";
import type {
  SchemaDeliveryDetailView,
  SchemaDeliveryView,
  SchemaRedeliveredView,
  SchemaWebhookEvent,
  SchemaWebhookSecretView,
  SchemaWebhookView,
} from "@/api/schema";

const PAGE_SIZE = 50;

/** How often a history is read again in which something waits. */
const LOOK_MS = 2000;

export type Webhook = SchemaWebhookView;
export type Delivery = SchemaDeliveryView;
export type WebhookEvent = SchemaWebhookEvent;

/** What may be subscribed to, in the order in which it happens. */
export const EVENTS = [
  "instance.started",
  "instance.paused",
  "instance.resumed",
  "instance.failed",
  "instance.recovered",
  "instance.rollback_started",
  "instance.succeeded",
  "instance.cancelled",
  "node.started",
  "node.waiting_for_approval",
  "node.waiting_for_callback",
  "node.retrying",
  "node.failed",
  "node.succeeded",
  "node.skipped",
  "node.cancelled",
] as const satisfies readonly WebhookEvent[];

type Named<E extends string> = E extends `${infer A}.${infer B}` ? `${A}_${B}` : never;

/** Return the name of an event's words: a dot would part it. */
export function nameOf<const E extends string>(event: E): Named<E> {
  return event.replace(".", "_") as Named<E>;
}

/** What the form of a webhook holds. */
export interface WrittenWebhook {
  readonly url: string;
  readonly description: string;
  readonly events: readonly WebhookEvent[];
  readonly templates: readonly string[];
  /** As "name=value". */
  readonly labels: readonly string[];
}

export const NEW_WEBHOOK: WrittenWebhook = {
  url: "",
  description: "",
  events: ["instance.failed", "node.waiting_for_approval"],
  templates: [],
  labels: [],
};

/** Return a webhook as its form holds it. */
export function writtenOf(webhook: Webhook): WrittenWebhook {
  const { url, description, events, templates } = webhook;
  const labels = Object.entries(webhook.labels).map(([name, value]) => `${name}=${value}`);
  return { url, description, events, templates, labels };
}

/** What is wrong with a form: by the name of the field. */
export interface WebhookProblems {
  readonly url?: "url";
  readonly events?: "events";
  readonly labels?: "labels";
}

/** Return what has to be put right before a form can be sent. */
export function problemsOf(written: WrittenWebhook): WebhookProblems {
  return {
    ...(!isAddress(written.url) && { url: "url" as const }),
    ...(written.events.length === 0 && { events: "events" as const }),
    ...(labelsOf(written.labels) === null && { labels: "labels" as const }),
  };
}

/** Return labels by name; null where one is no "name=value". */
export function labelsOf(texts: readonly string[]): Record<string, string> | null {
  const pairs = texts.map((text) => {
    const place = text.indexOf("=");
    return [text.slice(0, place).trim(), text.slice(place + 1).trim(), place > 0] as const;
  });
  if (pairs.some(([name, , isPair]) => !isPair || name === "")) return null;
  return Object.fromEntries(pairs.map(([name, value]) => [name, value]));
}

function isAddress(text: string): boolean {
  if (!/^https?:\/\/[^\s\\]+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, username, password } = new URL(text);
  return hostname !== "" && username === "" && password === "";
}

function sent(written: WrittenWebhook) {
  return {
    url: written.url,
    description: written.description,
    events: [...written.events],
    templates: [...written.templates],
    labels: labelsOf(written.labels) ?? {},
  };
}

export function webhooksKey(project: string) {
  return ["webhooks", project];
}

/** A project's webhooks, in order of creation. */
export function webhooksQuery(project: string) {
  return infiniteQueryOptions({
    queryKey: webhooksKey(project),
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/projects/{project}/webhooks", {
          params: { path: { project }, query: pageOf(pageParam) },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** What a webhook was told, the latest first; read again while something waits. */
export function deliveriesQuery(project: string, webhook_id: string) {
  return infiniteQueryOptions({
    queryKey: [...webhooksKey(project), webhook_id, "deliveries"],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/projects/{project}/webhooks/{webhook_id}/deliveries", {
          params: { path: { project, webhook_id }, query: pageOf(pageParam) },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) =>
      (state.data?.pages ?? []).some((page) => page.items.some(isWaiting)) ? LOOK_MS : false,
  });
}

/** What was sent, and every try to. */
export function deliveryQuery(project: string, webhook_id: string, delivery_id: string) {
  return queryOptions({
    queryKey: [...webhooksKey(project), webhook_id, "deliveries", delivery_id],
    queryFn: ({ signal }): Promise<SchemaDeliveryDetailView> =>
      body(
        api.GET("/api/v1/projects/{project}/webhooks/{webhook_id}/deliveries/{delivery_id}", {
          params: { path: { project, webhook_id, delivery_id } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isWaiting(state.data) ? LOOK_MS : false,
  });
}

function isWaiting(delivery: Delivery): boolean {
  return delivery.status === "pending";
}

function pageOf(cursor: string | null) {
  return { limit: PAGE_SIZE, ...(cursor !== null && { cursor }) };
}

export function createWebhook(
  project: string,
  written: WrittenWebhook,
): Promise<SchemaWebhookSecretView> {
  return body(
    api.POST("/api/v1/projects/{project}/webhooks", {
      params: { path: { project }, header: once() },
      body: { ...sent(written), enabled: true },
    }),
  );
}

export function updateWebhook(
  project: string,
  webhook_id: string,
  written: WrittenWebhook,
): Promise<Webhook> {
  return body(
    api.PATCH("/api/v1/projects/{project}/webhooks/{webhook_id}", {
      params: { path: { project, webhook_id }, header: once() },
      body: sent(written),
    }),
  );
}

export function enableWebhook(
  project: string,
  webhook_id: string,
  enabled: boolean,
): Promise<Webhook> {
  return body(
    api.PATCH("/api/v1/projects/{project}/webhooks/{webhook_id}", {
      params: { path: { project, webhook_id }, header: once() },
      body: { enabled },
    }),
  );
}

export function deleteWebhook(project: string, webhook_id: string): Promise<Webhook> {
  return body(
    api.DELETE("/api/v1/projects/{project}/webhooks/{webhook_id}", {
      params: { path: { project, webhook_id }, header: once() },
    }),
  );
}

export function rotateSecret(
  project: string,
  webhook_id: string,
): Promise<SchemaWebhookSecretView> {
  return body(
    api.POST("/api/v1/projects/{project}/webhooks/{webhook_id}/actions/rotate-secret", {
      params: { path: { project, webhook_id }, header: once() },
      body: { overlap_seconds: 86_400 },
    }),
  );
}

export function pingWebhook(project: string, webhook_id: string): Promise<Delivery> {
  return body(
    api.POST("/api/v1/projects/{project}/webhooks/{webhook_id}/actions/ping", {
      params: { path: { project, webhook_id }, header: once() },
    }),
  );
}

export function redeliver(
  project: string,
  webhook_id: string,
  delivery_id: string,
): Promise<Delivery> {
  return body(
    api.POST(
      "/api/v1/projects/{project}/webhooks/{webhook_id}/deliveries/{delivery_id}/actions/redeliver",
      { params: { path: { project, webhook_id, delivery_id }, header: once() } },
    ),
  );
}

/** Have everything made again that was given up. */
export function redeliverGivenUp(
  project: string,
  webhook_id: string,
): Promise<SchemaRedeliveredView> {
  return body(
    api.POST("/api/v1/projects/{project}/webhooks/{webhook_id}/actions/redeliver", {
      params: { path: { project, webhook_id }, header: once() },
      body: { since: new Date(0).toISOString() },
    }),
  );
}
