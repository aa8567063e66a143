import { Tabs } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { PageHead } from "@/shared/Page";
import type { Tab } from "../search";
import { TABS } from "../search";
import { AccessTab } from "./AccessTab";
import { ComponentsTab } from "./ComponentsTab";
import { QueuesTab } from "./QueuesTab";
import { RetentionTab } from "./RetentionTab";
import { SecretsTab } from "./SecretsTab";
import { SharingTab } from "./SharingTab";
import { VariablesTab } from "./VariablesTab";
import { WebhooksTab } from "./WebhooksTab";

export interface TabProps {
  readonly project: string;
}

const CONTENT: Record<Tab, ComponentType<TabProps>> = {
  variables: VariablesTab,
  secrets: SecretsTab,
  components: ComponentsTab,
  sharing: SharingTab,
  webhooks: WebhooksTab,
  retention: RetentionTab,
  queues: QueuesTab,
  access: AccessTab,
};

/** What holds for a project as a whole. */
export function SettingsPage() {
  const { t } = useTranslation("settings");
  const { project } = useParams({ from: "/inside/projects/$project/settings" });
  const { tab = TABS[0] } = useSearch({ from: "/inside/projects/$project/settings" });
  const navigate = useNavigate({ from: "/projects/$project/settings" });
  const change = (name: string | null) => {
    const next = TABS.find((one) => one === name);
    if (next !== undefined) void navigate({ search: { tab: next } });
  };
  return (
    <>
      <PageHead title={t("title", { project })} />
      <Tabs value={tab} onChange={change} keepMounted={false}>
        <Tabs.List mb="md">
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((one) => {
          const Content = CONTENT[one];
          return (
            <Tabs.Panel key={one} value={one}>
              <Content key={project} project={project} />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </>
  );
}
