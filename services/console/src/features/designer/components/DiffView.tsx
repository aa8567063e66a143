import { Badge, Stack, Text, Title } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Change, Difference, FieldChange } from "@/canvas/diff";
import { difference, isNothing } from "@/canvas/diff";
import type { Json, JsonObject } from "@/canvas/flow";
import { FlowGraph } from "@/shared/graph/FlowGraph";
import type { EdgeLook, NodeLook } from "@/shared/graph/types";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { useLayout } from "../useLayout";
import classes from "./designer.module.css";

/** How a definition has become another one: on the canvas by color and word, and in words. */
export function DiffView({
  before,
  after,
  label,
}: {
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly label: string;
}) {
  const { t } = useTranslation("designer");
  const found = useMemo(() => difference(before, after), [before, after]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const flow = useMemo(() => ({ ...found.flow, positions: {} }), [found]);
  const { positions, routes, direction, isReady, error, retry } = useLayout(flow);
  const looks = useMemo(() => changesAsLooks(found), [found]);
  return (
    <div className={classes["diff"]}>
      <div className={classes["diffGraph"]}>
        {error !== null && <ProblemPanel error={error} onRetry={retry} />}
        {isReady && (
          <FlowGraph
            flow={flow}
            positions={positions}
            routes={routes}
            direction={direction}
            label={label}
            looks={looks.nodes}
            edgeLooks={looks.edges}
            selected={selected}
            onSelect={setSelected}
          />
        )}
      </div>
      <div className={classes["diffList"]}>
        {isNothing(found) ? (
          <Text size="sm">{t("diff.none")}</Text>
        ) : (
          <Changes found={found} selected={selected} />
        )}
      </div>
    </div>
  );
}

function changesAsLooks(found: Difference): {
  nodes: Readonly<Record<string, NodeLook>>;
  edges: Readonly<Record<string, EdgeLook>>;
} {
  const looks = (changes: Readonly<Record<string, Change>>) =>
    Object.fromEntries(Object.entries(changes).map(([id, change]) => [id, { change }]));
  return { nodes: looks(found.nodes), edges: looks(found.edges) };
}

const TONES = { added: "teal", removed: "red", changed: "yellow" } as const;

function Changes({
  found,
  selected,
}: {
  readonly found: Difference;
  readonly selected: ReadonlySet<string>;
}) {
  const { t } = useTranslation("designer");
  const [one] = selected;
  const all = Object.entries(found.nodes);
  const shown = one !== undefined && one in found.nodes ? all.filter(([id]) => id === one) : all;
  const titles = new Map(found.flow.nodes.map((node) => [node.id, node.title]));
  return (
    <Stack gap="sm">
      {shown.length > 0 && (
        <section>
          <Title order={3} size="sm" mb={4}>
            {t("diff.nodes")}
          </Title>
          <Stack gap="xs">
            {shown.map(([id, change]) => (
              <div key={id}>
                <Text size="sm" fw={570}>
                  {titles.get(id)}{" "}
                  <Badge size="sm" variant="light" color={TONES[change]}>
                    {t(`diff.${change}`)}
                  </Badge>
                </Text>
                <Fields changes={found.fields[id] ?? []} />
              </div>
            ))}
          </Stack>
        </section>
      )}
      {found.settings.length > 0 && (
        <section>
          <Title order={3} size="sm" mb={4}>
            {t("diff.settings")}
          </Title>
          <Fields changes={found.settings} />
        </section>
      )}
    </Stack>
  );
}

function Fields({ changes }: { readonly changes: readonly FieldChange[] }) {
  const { t } = useTranslation("designer");
  return changes.map(({ path, before, after }) => (
    <Text key={path} size="xs" component="div" mt={2}>
      <span className="code">{path}</span>
      <div className={classes["value"]}>
        <del>{said(before) ?? t("diff.nothing")}</del> →{" "}
        <ins>{said(after) ?? t("diff.nothing")}</ins>
      </div>
    </Text>
  ));
}

function said(value: Json | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
