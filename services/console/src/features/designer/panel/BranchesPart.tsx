import {
  Button,
  Card,
  Checkbox,
  Group,
  NumberInput,
  Select,
  Stack,
  TextInput,
} from "@mantine/core";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ExpressionField } from "@/shared/forms/ExpressionField";
import type { Json, JsonObject, Scope } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";
import { RowActions } from "@/shared/RowActions";
import type { Branch } from "./edits";
import { asList, asText, branchOf, told, withKey, writtenBranch } from "./edits";
import type { PartProps } from "./parts";

interface Props extends PartProps {
  readonly definition: JsonObject;
  readonly gateway: "exclusive" | "parallel" | "conditional_parallel";
  readonly scope: Scope;
}

/** Where a gateway leads, and under which conditions. */
export function BranchesPart(props: Props) {
  const { node, gateway, definition, scope, problems, readOnly, onChange } = props;
  const { t } = useTranslation("panel");
  const raw = asList(node[gateway]);
  const change = (branches: readonly Json[]) => onChange({ ...node, [gateway]: branches });
  const targets = targetsOf(definition, asText(node["id"]), t("branch.end"));
  const swap = (from: number, to: number) => {
    const next = [...raw];
    [next[from], next[to]] = [next[to] as Json, next[from] as Json];
    change(next);
  };
  return (
    <Stack gap="sm">
      {raw.map((one, at) => (
        <BranchCard
          // Branches have nothing of their own to be told apart by but their place.
          key={at}
          number={at + 1}
          branch={branchOf(one)}
          isConditional={gateway !== "parallel"}
          targets={targets}
          scope={scope}
          readOnly={readOnly}
          error={told(problems, gateway, at)}
          onUp={at > 0 ? () => swap(at, at - 1) : undefined}
          onDown={at < raw.length - 1 ? () => swap(at, at + 1) : undefined}
          onRemove={() => change(raw.filter((_, index) => index !== at))}
          onChange={(branch) =>
            change(raw.map((other, index) => (index === at ? writtenBranch(branch) : other)))
          }
        />
      ))}
      {!readOnly && (
        <Button
          variant="default"
          w="max-content"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => change([...raw, gateway === "parallel" ? { name: "" } : { when: "" }])}
        >
          {t("branch.add")}
        </Button>
      )}
      {gateway === "exclusive" && <ExclusiveOptions {...{ node, problems, readOnly, onChange }} />}
    </Stack>
  );
}

function targetsOf(definition: JsonObject, own: string, end: string) {
  const nodes = asList(definition["nodes"]).filter(isObject);
  return [
    ...nodes
      .filter((one) => asText(one["id"]) !== own && asText(one["id"]) !== "")
      .map((one) => {
        const id = asText(one["id"]);
        const name = asText(one["name"]);
        return { value: id, label: name === "" ? id : `${name} (${id})` };
      }),
    { value: "end", label: end },
  ];
}

interface CardProps {
  readonly number: number;
  readonly branch: Branch;
  readonly isConditional: boolean;
  readonly targets: { value: string; label: string }[];
  readonly scope: Scope;
  readonly readOnly: boolean;
  readonly error: string | undefined;
  readonly onUp: (() => void) | undefined;
  readonly onDown: (() => void) | undefined;
  readonly onRemove: () => void;
  readonly onChange: (branch: Branch) => void;
}

function BranchCard(props: CardProps) {
  const { number, branch, isConditional, targets, scope, readOnly, error, onChange } = props;
  const { t } = useTranslation("panel");
  const kinds = ["when", "boolrule", "default"] as const;
  const known = targets.some((one) => one.value === branch.next);
  const hasCondition = branch.kind === "when" || branch.kind === "boolrule";
  return (
    <Card withBorder p="xs" component="section" aria-label={t("branch.number", { number })}>
      <Stack gap={6}>
        <Group gap={4} wrap="nowrap">
          <TextInput
            flex={1}
            aria-label={t("branch.name", { number })}
            placeholder={t("branch.number", { number })}
            value={branch.name}
            readOnly={readOnly}
            onChange={(event) => onChange({ ...branch, name: event.currentTarget.value })}
          />
          {!readOnly && (
            <RowActions
              up={{ label: t("branch.up", { number }), act: props.onUp }}
              down={{ label: t("branch.down", { number }), act: props.onDown }}
              remove={{ label: t("branch.remove", { number }), act: props.onRemove }}
            />
          )}
        </Group>
        {isConditional && (
          <Select
            aria-label={t("branch.kind", { number })}
            data={kinds.map((value) => ({ value, label: t(`branch.${value}`) }))}
            value={branch.kind === "plain" ? "when" : branch.kind}
            allowDeselect={false}
            readOnly={readOnly}
            onChange={(kind) => kind !== null && onChange({ ...branch, kind: kind })}
          />
        )}
        {isConditional && (hasCondition || branch.kind === "plain") && (
          <ExpressionField
            label={t("branch.condition")}
            language={branch.kind === "boolrule" ? "template" : "expression"}
            value={branch.condition}
            scope={scope}
            readOnly={readOnly}
            onChange={(condition) =>
              onChange({
                ...branch,
                condition,
                kind: branch.kind === "plain" ? "when" : branch.kind,
              })
            }
          />
        )}
        <Select
          label={t("branch.next")}
          data={
            known || branch.next === ""
              ? targets
              : [{ value: branch.next, label: branch.next }, ...targets]
          }
          value={branch.next === "" ? null : branch.next}
          placeholder={t("branch.nowhere")}
          searchable
          allowDeselect={false}
          readOnly={readOnly}
          error={error}
          onChange={(next) => onChange({ ...branch, next: next ?? "" })}
        />
      </Stack>
    </Card>
  );
}

function ExclusiveOptions({ node, problems, readOnly, onChange }: PartProps) {
  const { t } = useTranslation("panel");
  return (
    <>
      <Checkbox
        label={t("branch.firstMatch")}
        description={t("branch.firstMatchHelp")}
        checked={node["first_match"] === true}
        disabled={readOnly}
        onChange={(event) =>
          onChange(withKey(node, "first_match", event.currentTarget.checked ? true : undefined))
        }
      />
      <NumberInput
        label={t("branch.loopLimit")}
        description={t("branch.loopLimitHelp")}
        size="xs"
        min={1}
        placeholder="1000"
        value={typeof node["loop_limit"] === "number" ? node["loop_limit"] : ""}
        readOnly={readOnly}
        error={told(problems, "loop_limit")}
        onChange={(value) =>
          onChange(withKey(node, "loop_limit", typeof value === "number" ? value : undefined))
        }
      />
    </>
  );
}
