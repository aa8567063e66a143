import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { itemsOf } from "../logic/items";
import { useRunState } from "./context";
import { useNameOf } from "./words";
import classes from "./run.module.css";

/** Where those items of large maps are that a list of all nodes leaves out. */
export function FurtherItems() {
  const { t } = useTranslation("run");
  const { view, go } = useRunState();
  const nameOf = useNameOf();
  const maps = view.nodes.filter(
    (node) => node.kind === "map" && itemsOf(view, node.node_id, node).isPaged,
  );
  if (maps.length === 0) return null;
  return (
    <Stack gap={4} p="sm" align="flex-start">
      {maps.map((node) => (
        <button
          key={node.node_id}
          type="button"
          className={classes["nodeButton"]}
          onClick={() => go({ node: node.node_id, attempt: null })}
        >
          {t("items.further", { name: nameOf(node) })}
        </button>
      ))}
    </Stack>
  );
}
