import { Group, Stack, Tabs, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { scopeAt } from "@/shared/forms/scope";
import type { JsonObject } from "@/shared/forms/types";
import { LinkText } from "@/shared/links";
import { firstSentence } from "@/shared/pieces";
import { Words } from "@/shared/Words";
import { pluginsQuery, referenceOf, useKnowledge } from "./api";
import { BranchesPart } from "./BranchesPart";
import { asText, given, nodeOf, problemsIn, withKey } from "./edits";
import { InputsPart } from "./InputsPart";
import { OptionsPart } from "./OptionsPart";
import { Faults, NameInput } from "./parts";
import { TestPart } from "./TestPart";
import type { NodePanelProps } from "./types";

const GATEWAYS = ["exclusive", "parallel", "conditional_parallel"] as const;

/** All that a definition says about one node. */
export function NodePanel(props: NodePanelProps) {
  const node = nodeOf(props.definition, props.nodeId);
  // A node that is gone leaves an empty panel until another one is looked at.
  return node === null ? null : <Panel key={props.nodeId} {...props} node={node} />;
}

function Panel(props: NodePanelProps & { readonly node: JsonObject }) {
  const { place, definition, nodeId, node, faults, readOnly = false, onChange, onRename } = props;
  const { t } = useTranslation("panel");
  const known = useKnowledge(place.project);
  const plugins = useQuery(pluginsQuery()).data;
  const plugin = plugins?.find((one) => referenceOf(one) === node["plugin"]);
  const isMap = "map" in node;
  const problems = useMemo(
    () => problemsIn(definition, nodeId, faults),
    [definition, nodeId, faults],
  );
  const scope = useMemo(
    () => scopeAt(definition, { node: nodeId, isItem: isMap }, known),
    [definition, nodeId, isMap, known],
  );
  const gateway = GATEWAYS.find((key) => key in node);
  const isWork = "plugin" in node || "subflow" in node;
  const part = { node, problems, readOnly, onChange };
  const rename = (id: string) => (onRename(id) ? undefined : t("idTaken"));
  return (
    <Stack gap="sm" p="sm">
      <Group gap="xs" grow align="flex-start">
        <TextInput
          label={t("title")}
          value={asText(node["name"])}
          placeholder={nodeId}
          readOnly={readOnly}
          onChange={(event) => onChange(withKey(node, "name", given(event.currentTarget.value)))}
        />
        <NameInput label={t("id")} value={nodeId} readOnly={readOnly} onName={rename} />
      </Group>
      {plugin !== undefined && (
        <Text size="xs" className="faint">
          <Words text={firstSentence(plugin.description)} />{" "}
          <LinkText
            to="/projects/$project/plugins/$name/$version"
            params={{ project: place.project, name: plugin.name, version: plugin.version }}
            underline="always"
            size="xs"
          >
            {t("about", { title: plugin.title === "" ? plugin.name : plugin.title })}
          </LinkText>
        </Text>
      )}
      <Faults messages={homeless(problems, isWork)} />
      {gateway !== undefined && (
        <BranchesPart {...part} definition={definition} gateway={gateway} scope={scope} />
      )}
      {"converge" in node && (
        <Text size="sm" className="faint">
          {t("converges")}
        </Text>
      )}
      {isWork && (
        <Tabs defaultValue="inputs" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="inputs">{t("tab.inputs")}</Tabs.Tab>
            <Tabs.Tab value="options">{t("tab.options")}</Tabs.Tab>
            <Tabs.Tab value="test">{t("tab.test")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="inputs" pt="sm">
            <InputsPart {...part} place={place} scope={scope} known={known} plugin={plugin} />
          </Tabs.Panel>
          <Tabs.Panel value="options" pt="sm">
            <OptionsPart {...part} definition={definition} known={known} plugin={plugin} />
          </Tabs.Panel>
          <Tabs.Panel value="test" pt="sm">
            <TestPart {...props} known={known} plugin={plugin} />
          </Tabs.Panel>
        </Tabs>
      )}
    </Stack>
  );
}

/** Keys whose problems stand at their own fields. */
const WITH_FIELDS = new Set([
  ...["inputs", "plugin", "subflow", "map", "export", "retry", "deadline", "timeout", "run_when"],
  ...["priority", "queue", "concurrency", "run_as", "rollback", "exclusive", "schemes"],
  ...["parallel", "conditional_parallel"],
]);

function homeless(problems: ReturnType<typeof problemsIn>, isWork: boolean): string[] {
  return problems
    .filter(
      (one) =>
        !WITH_FIELDS.has(String(one.path[0])) ||
        (one.path.length === 1 && isWork && one.path[0] === "inputs"),
    )
    .map((one) => one.message);
}
