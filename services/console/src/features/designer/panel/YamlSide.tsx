import { Box } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CodeField } from "@/shared/forms/CodeField";
import { scopeAt } from "@/shared/forms/scope";
import type { TextProblem } from "@/shared/forms/types";
import { lineOfPath, linesOfNodes, readText } from "@/shared/forms/yaml";
import { useKnowledge } from "./api";
import type { YamlSideProps } from "./types";

/** The definition as text: what is wrong is marked at its line, and node and cursor find each other. */
export function YamlSide(props: YamlSideProps) {
  const { text, faults, readOnly = false, onText, nodeId = null, onNode, place } = props;
  const { t } = useTranslation("panel");
  const known = useKnowledge(place.project);
  const [line, setLine] = useState(1);
  const read = useMemo(() => readText(text), [text]);
  const problems = useMemo(
    (): readonly TextProblem[] =>
      read.problems.length > 0
        ? read.problems
        : faults.map((fault) => ({
            line: fault.line ?? lineOfPath(text, fault.loc.slice(1)),
            column: fault.column ?? undefined,
            message: fault.msg,
          })),
    [read, faults, text],
  );
  const lines = useMemo(() => linesOfNodes(text), [text]);
  const at = (one: number) =>
    lines.find(({ first, last }) => first <= one && one <= last)?.id ?? null;
  const here = at(line);
  const scope = useMemo(
    () => scopeAt(read.definition ?? {}, here === null ? "outputs" : { node: here }, known),
    [read.definition, here, known],
  );
  // Where the cursor has led, or was led to: nobody has to be told of it again.
  const [told, setTold] = useState<string | null>(null);
  const [shown, setShown] = useState<{ readonly line: number }>();
  const [looked, setLooked] = useState<string | null>(null);
  if (looked !== nodeId) {
    setLooked(nodeId);
    const first = lines.find((one) => one.id === nodeId)?.first;
    if (nodeId !== told && first !== undefined) {
      setTold(nodeId);
      setShown({ line: first });
    }
  }
  const tell = (one: number) => {
    setLine(one);
    if (at(one) === told) return;
    setTold(at(one));
    onNode?.(at(one));
  };
  return (
    <Box h="100%" mih={0}>
      <CodeField
        label={t("yaml")}
        language="yaml"
        value={text}
        onChange={onText}
        problems={problems}
        scope={scope}
        readOnly={readOnly}
        shown={shown}
        onLine={tell}
        fill
      />
    </Box>
  );
}
