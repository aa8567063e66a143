import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { SchemaNodeView } from "@/api/schema";
import { Ago } from "@/shared/Time";
import type texts from "../locales/en.json";

type Known = keyof typeof texts.reason;

/** Reasons that end by themselves, at the time at which they are looked at again. */
const TIMED = new Set(["timer", "retry"]);

/** Why a node does not go on by itself, and until when. */
export function NodeReason({ node }: { readonly node: SchemaNodeView }) {
  const { t, i18n } = useTranslation("instances");
  if (node.reason === null) return null;
  const key = `reason.${node.reason}`;
  const words = i18n.exists(key, { ns: "instances" })
    ? t(`reason.${node.reason as Known}`)
    : node.reason;
  return (
    <Text size="sm" className="faint" component="span">
      {words}
      {TIMED.has(node.reason) && node.check_at !== null && (
        <>
          {" "}
          · <Ago at={node.resume_at ?? node.check_at} />
        </>
      )}
    </Text>
  );
}
