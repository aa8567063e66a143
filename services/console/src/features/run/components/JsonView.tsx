import { ActionIcon, CopyButton, Group, Text, Tooltip } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import { useTranslation } from "react-i18next";
import classes from "./run.module.css";

/** Values by name, as they are; long ones can be scrolled and all can be copied. */
export function JsonView({
  title,
  value,
}: {
  readonly title: string;
  readonly value: Readonly<Record<string, unknown>> | null;
}) {
  const { t } = useTranslation("run");
  const names = Object.keys(value ?? {});
  return (
    <section>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" fw={600} component="h3" m={0}>
          {title}
        </Text>
        {value !== null && names.length > 0 && <Copier value={value} name={title} />}
      </Group>
      {value === null || names.length === 0 ? (
        <Text size="sm" className="faint">
          {t("attempt.empty")}
        </Text>
      ) : (
        <dl className={classes["values"]}>
          {names.map((name) => (
            <div key={name}>
              <dt className="code">{name}</dt>
              <dd>
                <Value value={value[name]} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

/** One value: text as text, everything else as JSON. */
export function Value({ value }: { readonly value: unknown }) {
  const { t } = useTranslation("run");
  if (isSealed(value)) return <span className="faint">{t("variables.sealed")}</span>;
  const text = typeof value === "string" ? value : compact(value);
  const isLong = text.includes("\n") || text.length > LONG;
  return isLong ? (
    // Whoever goes by keys has to be able to scroll it.
    <pre className={classes["long"]} tabIndex={0}>
      {text}
    </pre>
  ) : (
    <span className={classes["short"]}>{text === "" ? "“”" : text}</span>
  );
}

const LONG = 90;

/** What is short stands in one line. */
function compact(value: unknown): string {
  const line = JSON.stringify(value);
  return line.length > LONG / 2 ? JSON.stringify(value, null, 2) : line;
}

function isSealed(value: unknown): boolean {
  return typeof value === "object" && value !== null && "$sealed" in value;
}

function Copier({ value, name }: { readonly value: unknown; readonly name: string }) {
  const { t } = useTranslation("run");
  return (
    <CopyButton value={JSON.stringify(value, null, 2)}>
      {({ copied, copy }) => (
        <Tooltip label={t(copied ? "panel.copied" : "panel.copy")}>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={`${t("panel.copy")}: ${name}`}
            onClick={copy}
          >
            {copied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
