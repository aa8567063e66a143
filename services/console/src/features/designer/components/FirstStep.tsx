import { Button, Kbd, Text } from "@mantine/core";
import { Plus } from "lucide-react";
import { Trans, useTranslation } from "react-i18next";
import classes from "./designer.module.css";

/** What stands on a canvas that nothing is drawn on: how to begin, by mouse and by keys. */
export function FirstStep({ onPalette }: { readonly onPalette: () => void }) {
  const { t } = useTranslation("designer");
  return (
    <div className={classes["first"]}>
      <Button leftSection={<Plus size={15} aria-hidden />} onClick={onPalette}>
        {t("first.title")}
      </Button>
      <Text size="sm">{t("first.mouse")}</Text>
      <Text size="sm">
        <Trans t={t} i18nKey="first.keys" components={{ key: <Kbd size="xs" /> }} />
      </Text>
    </div>
  );
}
