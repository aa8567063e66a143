import { Stack, Table, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { More } from "@/shared/More";
import { Nothing, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { size } from "@/shared/size";
import { Ago } from "@/shared/Time";
import type { Archive } from "../retention";
import { archivesQuery } from "../retention";
import classes from "./settings.module.css";
import type { TabProps } from "./SettingsPage";

/** The files that a project's instances were moved to. */
export function ArchivesPart({ project }: TabProps) {
  const { t } = useTranslation("settings");
  const list = useInfiniteQuery(archivesQuery(project));
  const archives = list.data?.pages.flatMap((page) => page.items);
  return (
    <section aria-labelledby="retention-archives">
      <Title order={2} id="retention-archives" mb={6}>
        {t("retention.archives")}
      </Title>
      <Stack gap="sm">
        {list.error !== null && (
          <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
        )}
        {archives === undefined && list.error === null && <Rows count={3} />}
        {archives?.length === 0 && (
          <div className="card">
            <Nothing title={t("retention.noArchives")}>{t("retention.noArchivesText")}</Nothing>
          </div>
        )}
        {archives !== undefined && archives.length > 0 && <ArchiveTable archives={archives} />}
        <More list={list} />
      </Stack>
    </section>
  );
}

function ArchiveTable({ archives }: { readonly archives: readonly Archive[] }) {
  const { t, i18n } = useTranslation("settings");
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <div className={`card ${classes["frame"] ?? ""}`}>
      <Table highlightOnHover verticalSpacing={5} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("retention.file")}</Table.Th>
            <Table.Th ta="right">{t("retention.count")}</Table.Th>
            <Table.Th ta="right" className={classes["wide"] ?? ""}>
              {t("retention.bytes")}
            </Table.Th>
            <Table.Th>{t("retention.written")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {archives.map((archive) => (
            <Table.Tr key={archive.archive_id}>
              <Table.Td className={classes["value"] ?? ""}>
                <div className="code cut" title={archive.name}>
                  {archive.name}
                </div>
              </Table.Td>
              <Table.Td ta="right" className="numbers">
                {number.format(archive.instances)}
              </Table.Td>
              <Table.Td ta="right" className={`numbers ${classes["wide"] ?? ""}`}>
                {size(archive.bytes, i18n.language)}
              </Table.Td>
              <Table.Td className="faint">
                <Ago at={archive.written_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
