import { Box, Group, Paper, Tabs, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { ME_KEY } from "@/api/session";
import { safePath } from "@/shared/paths";
import { METHODS } from "../methods";

/** The way in. */
export function SignInPage() {
  const { t } = useTranslation("session");
  const { next } = useSearch({ from: "/sign-in" });
  const router = useRouter();
  const queries = useQueryClient();
  const onSignedIn = () => {
    queries.removeQueries({ queryKey: ME_KEY });
    router.history.replace(safePath(next));
  };
  useEffect(() => {
    document.title = `${t("signIn")} · Flowyard`;
  }, [t]);
  const [first] = METHODS;
  return (
    <Box component="main" maw={400} mx="auto" mt="12vh" px="md">
      <Group mb="lg" gap="sm" justify="center">
        <img src="/icon.svg" alt="" width={34} height={34} />
        <Title order={1}>{t("title")}</Title>
      </Group>
      <Paper p="lg" className="card">
        <Tabs defaultValue={first?.id ?? null}>
          {METHODS.length > 1 && (
            <Tabs.List mb="md">
              {METHODS.map(({ id }) => (
                <Tabs.Tab key={id} value={id}>
                  {t(`${id}.name`)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          )}
          {METHODS.map(({ id, Form }) =>
            METHODS.length > 1 ? (
              <Tabs.Panel key={id} value={id}>
                <Form onSignedIn={onSignedIn} />
              </Tabs.Panel>
            ) : (
              <Form key={id} onSignedIn={onSignedIn} />
            ),
          )}
        </Tabs>
      </Paper>
    </Box>
  );
}
