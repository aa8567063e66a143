import { useTranslation } from "react-i18next";

/** Return what a node is called; the two that nobody names are named in the reader's language. */
export function useNodeName(): (id: string, name: string) => string {
  const { t } = useTranslation("shared");
  return (id, name) => {
    if (name !== "") return name;
    return id === "start" || id === "end" ? t(`node.${id}`) : id;
  };
}
