import { Button, Code, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Trans, useTranslation } from "react-i18next";
import { ProblemError } from "@/api/problem";
import { signIn } from "@/api/session";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { MethodProps } from "../methods";

/** Signing in with a named token. */
export function TokenForm({ onSignedIn }: MethodProps) {
  const { t } = useTranslation("session");
  const [token, setToken] = useState("");
  const entering = useMutation({ mutationFn: signIn, onSuccess: onSignedIn });
  const isWrong = entering.error instanceof ProblemError && entering.error.status === 401;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        entering.mutate(token.trim());
      }}
    >
      <Stack>
        <PasswordInput
          label={t("token.label")}
          name="token"
          autoComplete="current-password"
          size="sm"
          data-autofocus
          required
          withAsterisk={false}
          value={token}
          error={isWrong ? t("token.wrong") : undefined}
          visibilityToggleButtonProps={{ "aria-label": t("token.show") }}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        {entering.error !== null && !isWrong && <ProblemPanel error={entering.error} />}
        <Button type="submit" size="sm" loading={entering.isPending} disabled={token.trim() === ""}>
          {t("signIn")}
        </Button>
        <Text size="xs" className="faint">
          <Trans ns="session" i18nKey="token.hint" components={{ code: <Code /> }} />
        </Text>
      </Stack>
    </form>
  );
}
