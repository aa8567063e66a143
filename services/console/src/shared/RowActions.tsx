import { ActionIcon } from "@mantine/core";
import { ArrowDown, ArrowUp, X } from "lucide-react";

/** What a button says, and what it does; where that is nothing now, it cannot be pressed. */
interface RowAction {
  readonly label: string;
  readonly act: (() => void) | undefined;
}

/** Buttons that move a row of a list up and down, and take it out: those that are given. */
export function RowActions({
  up,
  down,
  remove,
}: {
  readonly up?: RowAction | undefined;
  readonly down?: RowAction | undefined;
  readonly remove?: RowAction | undefined;
}) {
  const buttons = [
    ...(up === undefined ? [] : [{ ...up, icon: ArrowUp }]),
    ...(down === undefined ? [] : [{ ...down, icon: ArrowDown }]),
    ...(remove === undefined ? [] : [{ ...remove, icon: X }]),
  ];
  return buttons.map(({ label, icon: Icon, act }) => (
    <ActionIcon
      key={label}
      variant="subtle"
      color="gray"
      aria-label={label}
      disabled={act === undefined}
      onClick={act}
    >
      <Icon size={14} aria-hidden />
    </ActionIcon>
  ));
}
