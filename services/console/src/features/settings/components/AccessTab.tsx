import { Code, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Trans, useTranslation } from "react-i18next";
import { ME_KEY, readMe } from "@/api/session";

/** Who one is here, and how others come in. */
export function AccessTab() {
  const { t } = useTranslation("settings");
  const { data } = useQuery({ queryKey: ME_KEY, queryFn: readMe });
  return (
    <Stack gap="md" maw={680}>
      <section aria-labelledby="access-me">
        <Title order={2} id="access-me" mb={4}>
          {t("access.you")}
        </Title>
        {data !== undefined && (
          <Text size="sm">
            {t("access.actor", { actor: data.actor })}{" "}
            <span className="faint code">{data.token_id}</span>
          </Text>
        )}
      </section>
      <section aria-labelledby="access-tokens">
        <Title order={2} id="access-tokens" mb={4}>
          {t("access.tokens")}
        </Title>
        <Text size="sm">
          <Trans
            ns="settings"
            i18nKey="access.text"
            components={{ code: <Code /> }}
            values={{
              create: "flowyard token create --actor NAME",
              revoke: "flowyard token revoke TOKEN_ID",
            }}
          />
        </Text>
      </section>
    </Stack>
  );
}
