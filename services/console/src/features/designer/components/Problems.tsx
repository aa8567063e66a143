import { Alert, Button, Stack, Text } from "@mantine/core";
import { CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { TextProblem } from "@/shared/forms/types";
import type { Mark } from "../marks";
import { useRepair } from "../useRepair";
import classes from "./designer.module.css";

/** Everything that keeps the flow from being published; each leads to its node. */
export function Problems({
  marks,
  titles,
  textProblems,
  onGo,
  onYaml,
}: {
  readonly marks: readonly Mark[];
  readonly titles: ReadonlyMap<string, string>;
  readonly textProblems: readonly TextProblem[];
  readonly onGo: (node: string) => void;
  readonly onYaml: () => void;
}) {
  const { t } = useTranslation("designer");
  const repair = useRepair();
  if (textProblems.length > 0) return <Unreadable problems={textProblems} onYaml={onYaml} />;
  if (marks.length === 0) {
    return (
      <Alert color="teal" variant="light" icon={<CircleCheck size={16} aria-hidden />}>
        {t("problems.none")}
      </Alert>
    );
  }
  return (
    <Stack gap={6} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
      {marks.map((mark, index) => (
        <li key={`${index}${mark.message}`}>
          <button
            type="button"
            className={classes["problem"]}
            onClick={() => (mark.node === null ? onYaml() : onGo(mark.node))}
          >
            <Text size="sm" fw={570} component="span" display="block">
              {mark.node === null ? t("problems.flow") : (titles.get(mark.node) ?? mark.node)}
            </Text>
            {mark.message !== "" && (
              <Text size="sm" component="span" display="block">
                {mark.message}
              </Text>
            )}
            <Text size="xs" className="faint" component="span" display="block">
              {repair(mark)}
              {mark.line !== null && ` ${t("problems.line", { line: mark.line })}`}
            </Text>
          </button>
        </li>
      ))}
    </Stack>
  );
}

export function Unreadable({
  problems,
  onYaml,
}: {
  readonly problems: readonly TextProblem[];
  readonly onYaml: () => void;
}) {
  const { t } = useTranslation("designer");
  return (
    <Alert className="alarm" variant="light" title={t("problems.unreadable")} role="alert">
      <Stack gap={6} align="flex-start">
        {problems.slice(0, 3).map(({ line, message }) => (
          <Text key={`${line}${message}`} size="sm">
            {t("problems.line", { line })} {message}
          </Text>
        ))}
        <Text size="sm">{t("problems.repairText")}</Text>
        <Button variant="default" onClick={onYaml}>
          {t("problems.openYaml")}
        </Button>
      </Stack>
    </Alert>
  );
}
