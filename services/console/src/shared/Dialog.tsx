import type { ModalProps } from "@mantine/core";
import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** A dialog over the page; its way out has a name, as every button. */
export function Dialog(props: Omit<ModalProps, "closeButtonProps">) {
  const { t } = useTranslation("shared");
  return <Modal {...props} closeButtonProps={{ "aria-label": t("close") }} />;
}
