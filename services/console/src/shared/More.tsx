import type { MantineSpacing } from "@mantine/core";
import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface List {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => Promise<unknown>;
}

/** The way to the rest of a list, where there is one. */
export function More({
  list,
  mt = 0,
}: {
  readonly list: List;
  /** Room above it. */
  readonly mt?: MantineSpacing;
}) {
  const { t } = useTranslation("shared");
  if (!list.hasNextPage) return null;
  return (
    <Group justify="center" mt={mt}>
      <Button
        variant="default"
        loading={list.isFetchingNextPage}
        onClick={() => void list.fetchNextPage()}
      >
        {t("more")}
      </Button>
    </Group>
  );
}
