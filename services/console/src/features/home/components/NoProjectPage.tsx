import { Code } from "@mantine/core";
import { Trans, useTranslation } from "react-i18next";
import { Nothing, PageHead } from "@/shared/Page";

/** What stands where there is no project yet. */
export function NoProjectPage() {
  const { t } = useTranslation("home");
  return (
    <>
      <PageHead title={t("noProject.title")} />
      <Nothing title={t("noProject.text")}>
        <Trans ns="home" i18nKey="noProject.hint" components={{ code: <Code /> }} />
      </Nothing>
    </>
  );
}
