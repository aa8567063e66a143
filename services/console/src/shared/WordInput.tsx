import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Search } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";

/** How long somebody may pause in a word before it is searched for. */
const PAUSE_MS = 300;

/** A text that counts once somebody has stopped to write, or presses Enter. */
export function WordInput({
  label,
  value,
  isSearch = false,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  /** The one that "/" leads to. */
  readonly isSearch?: boolean;
  readonly onChange: (value: string) => void;
}) {
  const [written, setWritten] = useState(value);
  const [known, setKnown] = useState(value);
  const [settled] = useDebouncedValue(written, PAUSE_MS);
  // What the address says from elsewhere goes before what was written here earlier.
  if (value !== known) {
    setKnown(value);
    if (written.trim() !== value) setWritten(value);
  }
  const tell = useEffectEvent((text: string) => {
    if (text === written.trim() && text !== value) onChange(text);
  });
  useEffect(() => tell(settled.trim()), [settled]);
  return (
    <TextInput
      type={isSearch ? "search" : "text"}
      aria-label={label}
      placeholder={label}
      leftSection={isSearch && <Search size={14} aria-hidden />}
      w={isSearch ? 220 : 140}
      value={written}
      onChange={(event) => setWritten(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") onChange(written.trim());
        if (event.key === "Escape") setWritten("");
      }}
    />
  );
}
