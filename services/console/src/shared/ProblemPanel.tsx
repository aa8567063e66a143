import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import { CloudOff, RotateCw, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ConnectionError, ProblemError } from "@/api/problem";
import { useTitle } from "./problemWords";

/** What went wrong, in words, with the request's id for whoever is asked about it, and a retry. */
export function ProblemPanel({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: () => void;
}) {
  const { t } = useTranslation("shared");
  const title = useTitle(error);
  const isAway = error instanceof ConnectionError;
  const Icon = isAway ? CloudOff : TriangleAlert;
  return (
    <Alert
      role="alert"
      {...(isAway ? { color: "gray" } : { className: "alarm" })}
      icon={<Icon size={18} aria-hidden />}
      title={title}
      variant="light"
    >
      <Stack gap="xs">
        <ProblemText error={error} />
        {onRetry !== undefined && (
          <Group>
            <Button
              variant="default"
              leftSection={<RotateCw size={14} aria-hidden />}
              onClick={onRetry}
            >
              {t("retry")}
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

/** The same without a frame, for dialogs and notes. */
export function ProblemText({ error }: { readonly error: unknown }) {
  const { t } = useTranslation("shared");
  if (error instanceof ConnectionError) return <Text size="sm">{t("problem.away")}</Text>;
  if (!(error instanceof ProblemError)) {
    return <Text size="sm">{error instanceof Error ? error.message : String(error)}</Text>;
  }
  return (
    <Stack gap={4}>
      <Text size="sm">{error.message}</Text>
      {error.faults.map((fault) => (
        <Text key={`${fault.loc.join(".")}${fault.msg}`} size="sm">
          <Code>{fault.loc.slice(1).join(".")}</Code> {fault.msg}
        </Text>
      ))}
      {error.requestId !== "" && (
        <Text size="xs" className="faint">
          {t("problem.request")} <span className="code">{error.requestId}</span>
        </Text>
      )}
    </Stack>
  );
}
