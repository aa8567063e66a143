import { Box, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useEffect } from "react";

/** A page's name, in the window too, and what can be done on it. */
export function PageHead({
  title,
  children,
  below,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly below?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Flowyard`;
  }, [title]);
  return (
    <Stack gap={4} mb="sm">
      <Group justify="space-between" gap="xs" wrap="wrap">
        <Title order={1} style={{ overflowWrap: "anywhere" }}>
          {title}
        </Title>
        <Group gap="xs">{children}</Group>
      </Group>
      {below}
    </Stack>
  );
}

/** What stands where a list is empty. */
export function Nothing({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <Box py="xl" ta="center">
      <Text fw={550}>{title}</Text>
      <Text size="sm" className="faint" component="div">
        {children}
      </Text>
    </Box>
  );
}

/** What stands where a list will be. */
export function Rows({ count = 8 }: { readonly count?: number }) {
  return (
    <Stack gap={6} p="sm" aria-busy>
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} height={26} radius={4} />
      ))}
    </Stack>
  );
}
