import { Alert, Checkbox, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaPlanPreviewView } from "@/api/schema";
import type { JsonObject } from "@/shared/forms/types";
import { lazily } from "@/shared/lazily";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { Part } from "../api";
import type { Scheme } from "../plan";
import classes from "./start.module.css";

const PlanGraph = lazily(async () => (await import("./PlanGraph")).PlanGraph);

interface Props {
  readonly schemes: readonly Scheme[];
  readonly part: Part;
  readonly plan: SchemaPlanPreviewView | undefined;
  readonly error: unknown;
  readonly document: JsonObject;
  readonly onChange: (part: Part) => void;
}

/** Which part of the flow runs: by schemes, and by optional nodes one by one; with what is left. */
export function PlanChoice({ schemes, part, plan, error, document, onChange }: Props) {
  const { t } = useTranslation("start");
  const choose = (names: string[]) =>
    onChange({
      schemes: schemes.map((one) => one.name).filter((one) => names.includes(one)),
      excluded: [],
    });
  return (
    <Stack gap="sm" component="section" aria-labelledby="plan">
      <Title order={2} id="plan">
        {t("plan.title")}
      </Title>
      {schemes.length > 0 && (
        <Checkbox.Group
          label={t("plan.schemes")}
          description={t("plan.schemesHelp")}
          size="xs"
          value={[...part.schemes]}
          onChange={choose}
        >
          <Stack gap={6} mt={6}>
            {schemes.map(({ name, description }) => (
              <Checkbox key={name} value={name} label={name} description={description} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      {plan !== undefined && plan.optional.length > 0 && (
        <Optional part={part} plan={plan} document={document} onChange={onChange} />
      )}
      {error !== null && <ProblemPanel error={error} />}
      {plan !== undefined && plan.missed.length > 0 && (
        <Alert
          className="alarm"
          variant="outline"
          p="xs"
          icon={<TriangleAlert size={16} aria-hidden />}
          title={t("plan.missed")}
        >
          {plan.missed.map(({ node_id: node, name }) => (
            <div key={`${node ?? ""} ${name}`}>
              {node === null
                ? t("plan.missedByOutputs", { name })
                : t("plan.missedBy", { node, name })}
            </div>
          ))}
        </Alert>
      )}
      <div className={classes["graph"]}>
        {plan === undefined ? (
          <Skeleton h="100%" />
        ) : (
          <Suspense fallback={<Skeleton h="100%" />}>
            <PlanGraph graph={plan.graph as JsonObject} />
          </Suspense>
        )}
      </div>
    </Stack>
  );
}

function Optional({
  part,
  plan,
  document,
  onChange,
}: Pick<Props, "part" | "document" | "onChange"> & { readonly plan: SchemaPlanPreviewView }) {
  const { t } = useTranslation("start");
  const names = namesOf(document);
  const left = new Set(plan.left_out);
  // What a scheme leaves out is brought back by another scheme alone.
  const isOpen = (id: string) => !left.has(id) || part.excluded.includes(id);
  return (
    <Checkbox.Group
      label={t("plan.optional")}
      size="xs"
      value={plan.optional.filter((id) => !left.has(id) && !part.excluded.includes(id))}
      onChange={(names) =>
        onChange({
          ...part,
          excluded: plan.optional.filter((id) => isOpen(id) && !names.includes(id)),
        })
      }
    >
      <Group gap="md" mt={6}>
        {plan.optional.map((id) => (
          <Checkbox key={id} value={id} label={names.get(id) ?? id} disabled={!isOpen(id)} />
        ))}
      </Group>
      {left.size > 0 && (
        <Text size="sm" className="faint" mt={6}>
          {t("plan.leftOut", {
            count: left.size,
            names: plan.left_out.map((id) => names.get(id) ?? id).join(", "),
          })}
        </Text>
      )}
    </Checkbox.Group>
  );
}

function namesOf(document: JsonObject): ReadonlyMap<string, string> {
  const nodes = Array.isArray(document["nodes"])
    ? (document["nodes"] as readonly JsonObject[])
    : [];
  return new Map(
    nodes.map(({ id, name }) => {
      const known = typeof id === "string" ? id : "";
      return [known, typeof name === "string" && name !== "" ? name : known] as const;
    }),
  );
}
