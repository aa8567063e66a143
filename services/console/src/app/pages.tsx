import { Box, Stack } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { LinkButton } from "@/shared/links";
import { PageHead } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";

/** What stands where nothing is. */
export function NotFoundPage() {
  const { t } = useTranslation("app");
  return (
    <Box p="xl" maw={560} mx="auto" component="section">
      <PageHead title={t("notFound.title")} />
      <p>{t("notFound.text")}</p>
      <LinkButton to="/">{t("notFound.home")}</LinkButton>
    </Box>
  );
}

/** What stands where a page has failed. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation("app");
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Box p="xl" maw={640} mx="auto" component="section">
      <Stack>
        <PageHead title={t("crash.title")} />
        <ProblemPanel error={error} onRetry={again} />
      </Stack>
    </Box>
  );
}
