import { Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { SlidersHorizontal } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./FilterRow.module.css";

/** The search of a list and its filters, which on a phone are shown when they are asked for. */
export function FilterRow({
  label,
  search,
  children,
}: {
  readonly label: string;
  readonly search: ReactNode;
  /** Filters beside the search. */
  readonly children?: ReactNode;
}) {
  const { t } = useTranslation("shared");
  const [isOpen, more] = useDisclosure(false);
  return (
    <Group gap="xs" mb="sm" role="search" aria-label={label} wrap="wrap">
      {search}
      {children !== undefined && (
        <Button
          variant="default"
          hiddenFrom="sm"
          aria-expanded={isOpen}
          leftSection={<SlidersHorizontal size={14} aria-hidden />}
          onClick={more.toggle}
        >
          {t("filters")}
        </Button>
      )}
      <div className={classes["more"]} data-open={isOpen}>
        {children}
      </div>
    </Group>
  );
}
