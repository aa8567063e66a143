import { Alert, Stack, TextInput, Title } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useId, useState } from "react";
import type { FieldProblem, JsonObject } from "@/shared/forms/types";

/** What all parts of the panel are given. */
export interface PartProps {
  readonly node: JsonObject;
  readonly problems: readonly FieldProblem[];
  readonly readOnly: boolean;
  readonly onChange: (node: JsonObject) => void;
}

/** Fields that belong together, under what they are about. */
export function Section({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <Stack component="section" gap="sm" aria-labelledby={id}>
      <Title order={3} id={id} size={13}>
        {title}
      </Title>
      {children}
    </Stack>
  );
}

/** What is wrong and has no field of its own. */
export function Faults({ messages }: { readonly messages: readonly string[] }) {
  if (messages.length === 0) return null;
  return (
    <Alert
      className="alarm"
      variant="outline"
      p="xs"
      icon={<TriangleAlert size={16} aria-hidden />}
      role="status"
    >
      {messages.map((message) => (
        <div key={message}>{message}</div>
      ))}
    </Alert>
  );
}

interface NameProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly readOnly?: boolean;
  /** Answers what is wrong with a name, or nothing once it was taken. */
  readonly onName: (name: string) => string | undefined;
  readonly isPlain?: boolean;
}

/** A name by which others call it: it counts once it is written to its end. */
export function NameInput({ label, description, value, readOnly, onName, isPlain }: NameProps) {
  const [written, setWritten] = useState(value);
  const [known, setKnown] = useState(value);
  const [error, setError] = useState<string>();
  if (known !== value) {
    setKnown(value);
    setWritten(value);
    setError(undefined);
  }
  const settle = () => {
    setError(written === value ? undefined : onName(written));
  };
  return (
    <TextInput
      {...(isPlain === true ? { "aria-label": label } : { label, description })}
      value={written}
      error={error}
      readOnly={readOnly === true}
      onChange={(event) => setWritten(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key === "Enter") settle();
        if (event.key === "Escape" && written !== value) {
          event.stopPropagation();
          setWritten(value);
          setError(undefined);
        }
      }}
    />
  );
}
