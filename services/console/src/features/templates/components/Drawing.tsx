import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { directionOf, layOut } from "@/canvas/layout";
import type { FlowNode, JsonObject } from "@/canvas/flow";
import { flowOf } from "@/canvas/flow";
import { FlowGraph } from "@/shared/graph/FlowGraph";
import { LinkText } from "@/shared/links";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { placeOf } from "../runs";
import classes from "./templates.module.css";

interface Props {
  readonly project: string;
  /** Of the version that is drawn: what was laid out for it once is the same for ever. */
  readonly contentHash: string;
  readonly document: JsonObject;
}

/** A published flow, to look at. */
export function Drawing({ project, contentHash, document }: Props) {
  const { t } = useTranslation("templates");
  const flow = useMemo(() => flowOf(document), [document]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const positions = useQuery({
    queryKey: ["layout", contentHash],
    queryFn: () => layOut(flow),
    staleTime: Infinity,
  });
  if (positions.data === undefined) {
    if (positions.error === null) {
      return <div className={`card ${classes["drawing"] ?? ""}`} aria-busy />;
    }
    return <ProblemPanel error={positions.error} onRetry={() => void positions.refetch()} />;
  }
  const [chosen] = flow.nodes.filter((node) => selected.has(node.id));
  return (
    <>
      <div className={`card ${classes["drawing"] ?? ""}`}>
        <FlowGraph
          flow={flow}
          positions={positions.data}
          direction={directionOf(positions.data)}
          label={t("drawing.title")}
          selected={selected}
          onSelect={setSelected}
          minimap={flow.nodes.length > MANY}
        />
      </div>
      <div aria-live="polite">
        {chosen !== undefined && <Chosen project={project} node={chosen} />}
      </div>
    </>
  );
}

/** A drawing that cannot be overlooked gets a map. */
const MANY = 25;

/** What the chosen node runs, and the way there. */
function Chosen({ project, node }: { readonly project: string; readonly node: FlowNode }) {
  const place = placeOf(node, project);
  return (
    <Group gap="xs" mt={6} fz="sm">
      <strong>{node.title}</strong>
      {node.title !== node.id && <Text className="faint code">{node.id}</Text>}
      {place?.kind === "plugin" && (
        <LinkText
          to="/projects/$project/plugins/$name/$version"
          params={{ project, name: place.name, version: place.version }}
        >
          {node.subtitle}
        </LinkText>
      )}
      {place?.kind === "template" && (
        <LinkText
          to="/projects/$project/templates/$template"
          params={{ project: place.project, template: place.template }}
        >
          {node.subtitle}
        </LinkText>
      )}
    </Group>
  );
}
