import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { Download } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaLogLineView } from "@/api/schema";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { Found } from "../logic/found";
import { instanceOf } from "../logic/found";
import { LEVELS, shownLines, textOf } from "../logic/log";
import type { Level } from "../logic/log";
import { useLog } from "../useLog";
import { AttemptChoice, chosenAttempt } from "./AttemptsPart";
import { useRunState } from "./context";
import classes from "./run.module.css";

/** What a plugin has logged, as it logs it. */
export function LogPart({ found }: { readonly found: Found }) {
  const { search } = useRunState();
  const attempt = chosenAttempt(found, search.attempt);
  const instance = instanceOf(found);
  if (attempt === null || instance === null) return null;
  return (
    <Stack gap="xs">
      <AttemptChoice found={found} />
      <Log key={attempt.number} instance={instance} node={found.id} attempt={attempt.number} />
    </Stack>
  );
}

interface Place {
  readonly instance: string;
  readonly node: string;
  readonly attempt: number;
}

function Log({ instance, node, attempt }: Place) {
  const { t } = useTranslation("run");
  const [level, setLevel] = useState<Level>("debug");
  const [wanted, setWanted] = useState("");
  const { lines, isOver, error, again } = useLog(instance, node, attempt);
  const shown = shownLines(lines, level, wanted);
  return (
    <>
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <TextInput
          type="search"
          aria-label={t("log.find")}
          placeholder={t("log.find")}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          className={classes["grow"] ?? ""}
        />
        <Select
          aria-label={t("log.level")}
          data={LEVELS.map((one) => ({ value: one, label: t(`log.levels.${one}`) }))}
          value={level}
          allowDeselect={false}
          onChange={(value) => setLevel(LEVELS.find((one) => one === value) ?? "debug")}
          w={116}
        />
        <Button
          variant="default"
          px="xs"
          aria-label={t("log.download")}
          disabled={lines.length === 0}
          onClick={() => save(`${node}-${attempt}.log`, textOf(lines))}
        >
          <Download size={14} aria-hidden />
        </Button>
      </Group>
      <Lines lines={shown} label={t("log.label", { number: attempt })} />
      {error !== null && <ProblemPanel error={error} onRetry={again} />}
      <Text size="xs" className="faint" aria-live="polite">
        {isOver ? t(lines.length === 0 ? "log.none" : "log.over") : t("log.more")}
      </Text>
    </>
  );
}

/** How near to the end one has to be for new lines to be shown as they come, in pixels. */
const NEAR = 40;

function Lines({
  lines,
  label,
}: {
  readonly lines: readonly SchemaLogLineView[];
  readonly label: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (box.current !== null && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  return (
    <div
      ref={box}
      role="log"
      aria-label={label}
      tabIndex={0}
      className={classes["log"]}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
      }}
    >
      {lines.map((line) => (
        <div key={line.sequence} data-level={line.level}>
          <time dateTime={line.at}>{line.at.slice(11, 23)}</time> {line.text}
        </div>
      ))}
    </div>
  );
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
