import { Alert, Group, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ArrowUpCircle } from "lucide-react";
import type { ReactNode } from "react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { LinkText } from "@/shared/links";
import { Markdown } from "@/shared/Markdown";
import { PageHead, Rows } from "@/shared/Page";
import type { Plugin } from "@/shared/plugins";
import { compareVersions, pluginsQuery } from "@/shared/plugins";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { Uses } from "@/shared/uses/Uses";
import { pluginQuery } from "../api";
import { Example } from "./Example";
import { SchemaTables } from "./SchemaTables";
import { Traits } from "./Traits";

/** One version of a plugin: what it does, what it takes and leaves, and who uses it. */
export function PluginPage() {
  const { project, name, version } = useParams({
    from: "/inside/projects/$project/plugins/$name/$version",
  });
  const found = useQuery(pluginQuery(name, version));
  const all = useQuery(pluginsQuery);
  if (found.data === undefined) {
    if (found.error === null) return <Rows />;
    return <ProblemPanel error={found.error} onRetry={() => void found.refetch()} />;
  }
  const versions = (all.data ?? [])
    .filter((one) => one.name === name)
    .map((one) => one.version)
    .toSorted((one, other) => compareVersions(other, one));
  return (
    <Content
      key={`${name}@${version}`}
      project={project}
      plugin={found.data}
      versions={versions.length === 0 ? [version] : versions}
    />
  );
}

interface Props {
  readonly project: string;
  readonly plugin: Plugin;
  /** All that there are, the latest first. */
  readonly versions: readonly string[];
}

function Content({ project, plugin, versions }: Props) {
  const { t } = useTranslation("plugins");
  const [latest] = versions;
  const { name, version } = plugin;
  return (
    <Stack gap="lg">
      <PageHead title={plugin.title} below={<Facts {...{ project, plugin, versions }} />} />
      {latest !== undefined && latest !== version && (
        <Alert
          color="gray"
          variant="light"
          icon={<ArrowUpCircle size={18} aria-hidden />}
          title={t("newer.title", { version: latest })}
        >
          {t("newer.text")}{" "}
          <LinkText
            to="/projects/$project/plugins/$name/$version"
            params={{ project, name, version: latest }}
          >
            {t("newer.link", { version: latest })}
          </LinkText>
        </Alert>
      )}
      {plugin.description !== "" && <Markdown text={plugin.description} />}
      <Part title={t("part.inputs")}>
        <SchemaTables schema={plugin.inputs_schema} label={t("part.inputs")} areInputs />
      </Part>
      <Part title={t("part.outputs")}>
        <SchemaTables schema={plugin.outputs_schema} label={t("part.outputs")} />
      </Part>
      <Part title={t("part.example")}>
        <Example plugin={plugin} />
      </Part>
      <Part title={t("part.uses")}>
        <Uses
          project={project}
          target={{ kind: "plugin", name, version }}
          versions={versions.filter((one) => one !== version)}
        />
      </Part>
    </Stack>
  );
}

function Facts({ project, plugin, versions }: Props) {
  const { t } = useTranslation("plugins");
  return (
    <Group gap="md" style={{ rowGap: 4 }} wrap="wrap" fz="sm">
      <span className="code">
        {plugin.name}@{plugin.version}
      </span>
      <Traits plugin={plugin} />
      {versions.length > 1 && (
        <Group gap={8} component="nav" aria-label={t("column.versions")} className="numbers">
          {versions.map((one) => (
            <LinkText
              key={one}
              to="/projects/$project/plugins/$name/$version"
              params={{ project, name: plugin.name, version: one }}
            >
              {one}
            </LinkText>
          ))}
        </Group>
      )}
    </Group>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Title order={2} id={id} mb={6}>
        {title}
      </Title>
      {children}
    </section>
  );
}
