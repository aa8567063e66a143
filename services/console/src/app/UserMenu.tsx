import { ActionIcon, Menu } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { CircleUserRound, LogOut } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ME_KEY, readMe, signOut } from "@/api/session";

/** Who is signed in, and the way out. */
export function UserMenu() {
  const { t } = useTranslation("app");
  const router = useRouter();
  const queries = useQueryClient();
  const { data: me } = useQuery({ queryKey: ME_KEY, queryFn: readMe, staleTime: Infinity });
  const leave = async () => {
    await signOut();
    // Nothing that one person has read is left for the next.
    queries.clear();
    await router.navigate({ to: "/sign-in" });
  };
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("user.menu")}>
          <CircleUserRound size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("user.signedInAs", { actor: me?.actor ?? "" })}</Menu.Label>
        <Menu.Item leftSection={<LogOut size={14} aria-hidden />} onClick={() => void leave()}>
          {t("user.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
