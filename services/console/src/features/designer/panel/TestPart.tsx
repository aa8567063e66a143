import { Alert, Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemError } from "@/api/problem";
import type { SchemaPluginView } from "@/api/schema";
import { CodeField } from "@/shared/forms/CodeField";
import { LooseField, PairsField } from "@/shared/forms/looseFields";
import { FieldFrame } from "@/shared/forms/FieldFrame";
import { SchemaForm } from "@/shared/forms/SchemaForm";
import type { Knowledge } from "@/shared/forms/scope";
import { scopeAt } from "@/shared/forms/scope";
import { problemsBelow } from "@/shared/forms/types";
import type { JsonObject } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";
import { LinkText } from "@/shared/links";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { StatusBadge } from "@/shared/StatusBadge";
import { unread } from "@/shared/unread";
import { testNode, testedNodeQuery } from "./api";
import { withKey } from "./edits";
import { namesUsed } from "./names";
import type { NodePanelProps } from "./types";

interface Props extends NodePanelProps {
  readonly node: JsonObject;
  readonly known: Knowledge;
  readonly plugin: SchemaPluginView | undefined;
}

const SETTABLE = new Set(["input", "constant", "computed", "lazy", "export"]);

/** Run this node alone, for real, with what it is given here. */
export function TestPart({ place, definition, nodeId, node, source, known, plugin }: Props) {
  const { t } = useTranslation("panel");
  const isMap = "map" in node;
  const [way, setWay] = useState<"variables" | "inputs">("variables");
  const [variables, setVariables] = useState<JsonObject>({});
  const [inputs, setInputs] = useState<JsonObject>({});
  const test = useMutation({
    mutationFn: () =>
      testNode(place, {
        node_id: nodeId,
        source: source(),
        variables: way === "variables" ? (variables as never) : {},
        inputs: way === "inputs" ? (inputs as never) : null,
      }),
  });
  const used = useMemo(() => {
    const names = scopeAt(definition, { node: nodeId }, known).names;
    const needed = namesUsed([node["inputs"] ?? null, node["map"] ?? null]);
    return names.filter((one) => SETTABLE.has(one.kind) && needed.has(one.name));
  }, [definition, nodeId, node, known]);
  const faults = test.error instanceof ProblemError ? test.error.faults : [];
  const wrong = problemsBelow(faults, "body", "variables");
  return (
    <Stack gap="sm">
      <Text size="sm">{t("test.help")}</Text>
      {!isMap && (
        <SegmentedControl
          size="xs"
          aria-label={t("test.way")}
          data={[
            { value: "variables", label: t("test.withVariables") },
            { value: "inputs", label: t("test.withInputs") },
          ]}
          value={way}
          onChange={(value) => setWay(value)}
        />
      )}
      {way === "variables" && used.length === 0 && (
        <Text size="sm" className="faint">
          {t("test.noVariables")}
        </Text>
      )}
      {way === "variables" &&
        used.map(({ name, detail }) => (
          <FieldFrame
            key={name}
            id={`test-${name}`}
            label={name}
            description={detail}
            error={wrong.find((one) => one.path[0] === name)?.message}
            isGroup
          >
            <LooseField
              label={name}
              value={variables[name]}
              scope={null}
              oneLine
              onChange={(value) => setVariables(withKey(variables, name, value))}
            />
          </FieldFrame>
        ))}
      {way === "inputs" && <GivenInputs {...{ nodeId, plugin, inputs, onChange: setInputs }} />}
      <Group>
        <Button
          leftSection={<Play size={14} aria-hidden />}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          {t("test.run")}
        </Button>
      </Group>
      {test.error !== null && <ProblemPanel error={test.error} />}
      {test.data !== undefined && (
        <Result key={test.data.instance_id} instance={test.data.instance_id} nodeId={nodeId} />
      )}
    </Stack>
  );
}

function GivenInputs({
  nodeId,
  plugin,
  inputs,
  onChange,
}: {
  readonly nodeId: string;
  readonly plugin: SchemaPluginView | undefined;
  readonly inputs: JsonObject;
  readonly onChange: (inputs: JsonObject) => void;
}) {
  const { t } = useTranslation("panel");
  if (plugin === undefined) {
    return (
      <PairsField
        label={t("inputs")}
        value={inputs}
        scope={null}
        onChange={(value) => onChange(value ?? {})}
      />
    );
  }
  return (
    <SchemaForm
      id={`test-${nodeId}`}
      schema={plugin.inputs_schema as JsonObject}
      values={inputs}
      onChange={onChange}
    />
  );
}

/** What has become of the node, as it becomes. */
function Result({ instance, nodeId }: { readonly instance: string; readonly nodeId: string }) {
  const { t } = useTranslation("panel");
  const found = useQuery(testedNodeQuery(instance, nodeId));
  const failed = unread(found);
  if (failed !== null) {
    return <ProblemPanel error={failed} onRetry={() => void found.refetch()} />;
  }
  const node = found.data;
  return (
    <Stack gap="xs" component="section" aria-label={t("test.result")} role="region">
      <Group justify="space-between">
        <StatusBadge status={node?.status ?? "pending"} />
        <LinkText to="/instances/$instance" params={{ instance }}>
          {t("test.open")}
        </LinkText>
      </Group>
      {node?.failure && (
        <Alert className="alarm" variant="outline" p="xs" title={node.failure.code}>
          {node.failure.message}
        </Alert>
      )}
      {isObject(node?.outputs) && (
        <CodeField
          label={t("test.outputs")}
          language="json"
          value={JSON.stringify(node.outputs, null, 2)}
          readOnly
          onChange={() => undefined}
        />
      )}
    </Stack>
  );
}
