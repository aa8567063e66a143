import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { FlaskConical } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { ProblemError } from "@/api/problem";
import { LooseField } from "@/shared/forms/looseFields";
import type { JsonObject } from "@/shared/forms/types";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { Part, Place } from "../api";
import { startDry } from "../api";
import type { Mock, WorkNode } from "../plan";
import { mocksOf, PLAIN_MOCK, workNodes, WriteKey } from "../plan";

interface Wanted {
  readonly inputs: JsonObject;
  readonly part: Part;
  readonly name: string | null;
}

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly place: Place;
  readonly version: number;
  readonly graph: JsonObject | undefined;
  readonly wanted: () => Wanted;
  /** The inputs are not right. */
  readonly onRefused: () => void;
}

/** A run in which nothing is done: each node is given its result. */
export function DryRun(props: Props) {
  const { opened, onClose, place, version, graph, wanted, onRefused } = props;
  const { t } = useTranslation(["start", "shared"]);
  const navigate = useNavigate();
  const nodes = useMemo(() => (graph === undefined ? [] : workNodes(graph)), [graph]);
  const [mocks, setMocks] = useState<Readonly<Record<string, Mock>>>({});
  const [key] = useState(() => new WriteKey());
  const dry = useMutation({
    mutationFn: () => {
      const known = new Set(nodes.map((node) => node.id));
      const chosen = Object.entries(mocks).filter(([id]) => known.has(id));
      const { inputs, part, name } = wanted();
      const body = {
        mocks: mocksOf(Object.fromEntries(chosen)) as never,
        inputs: inputs as never,
        schemes: [...part.schemes],
        excluded: [...part.excluded],
        name,
        version,
      };
      return startDry(place, body, key.of(body));
    },
    onSuccess: ({ instance_id: instance, warnings }) => {
      for (const { msg } of warnings) notifications.show({ message: msg, color: "yellow" });
      return navigate({ to: "/instances/$instance", params: { instance } });
    },
    onError: (error) => {
      if (!(error instanceof ProblemError)) return;
      key.renew();
      if (error.code === "invalid_inputs") onRefused();
    },
  });
  return (
    <Dialog opened={opened} onClose={onClose} title={t("dry.title")} size="lg">
      <Stack gap="md">
        <Text size="sm">{t("dry.help")}</Text>
        {nodes.map((node) => (
          <MockFields
            key={node.id}
            node={node}
            mock={mocks[node.id] ?? PLAIN_MOCK}
            onChange={(mock) => setMocks({ ...mocks, [node.id]: mock })}
          />
        ))}
        {dry.error !== null && <ProblemPanel error={dry.error} />}
        <Group justify="flex-end">
          <Button
            leftSection={<FlaskConical size={14} aria-hidden />}
            loading={dry.isPending}
            onClick={() => dry.mutate()}
          >
            {t("dry.start")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

const KINDS = ["succeed", "fail", "run"] as const;

function MockFields({
  node,
  mock,
  onChange,
}: {
  readonly node: WorkNode;
  readonly mock: Mock;
  readonly onChange: (mock: Mock) => void;
}) {
  const { t } = useTranslation("start");
  const { name, runs } = node;
  return (
    <Stack gap={6} component="section" aria-label={name}>
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Text size="xs" className="faint code">
            {runs}
          </Text>
        </div>
        <Select
          aria-label={t("dry.result", { name })}
          w={190}
          data={KINDS.map((value) => ({ value, label: t(`dry.${value}`) }))}
          value={mock.kind}
          allowDeselect={false}
          onChange={(kind) => kind !== null && onChange({ ...mock, kind: kind })}
        />
      </Group>
      {mock.kind === "succeed" && (
        <LooseField
          label={t("dry.outputs", { name })}
          value={mock.outputs}
          scope={null}
          oneLine
          placeholder={t("dry.outputsPlaceholder")}
          onChange={(outputs) => onChange({ ...mock, outputs })}
        />
      )}
      {mock.kind === "fail" && (
        <Group grow>
          <TextInput
            aria-label={t("dry.code", { name })}
            placeholder={t("dry.codePlaceholder")}
            value={mock.code}
            onChange={(event) => onChange({ ...mock, code: event.currentTarget.value })}
          />
          <TextInput
            aria-label={t("dry.message", { name })}
            placeholder={t("dry.messagePlaceholder")}
            value={mock.message}
            onChange={(event) => onChange({ ...mock, message: event.currentTarget.value })}
          />
        </Group>
      )}
    </Stack>
  );
}
