import { Button, CopyButton, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Check, Copy } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Plugin } from "@/shared/plugins";
import { exampleInputs } from "../jsonSchema";
import classes from "./plugins.module.css";

/** A node that runs the plugin, to be taken into a definition. */
export function Example({ plugin }: { readonly plugin: Plugin }) {
  const { t } = useTranslation("plugins");
  const { data } = useQuery({
    queryKey: ["example", plugin.name, plugin.version],
    queryFn: () => exampleText(plugin),
    staleTime: Infinity,
  });
  if (data === undefined) return <Skeleton height={80} radius={6} />;
  return (
    <div className={`card ${classes["example"] ?? ""}`}>
      <pre tabIndex={0} className="code" aria-label={t("part.example")}>
        {data}
      </pre>
      <CopyButton value={data}>
        {({ copied, copy }) => (
          <Button
            className={classes["copy"] ?? ""}
            variant="default"
            leftSection={copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
            onClick={copy}
          >
            {t(copied ? "copied" : "copy")}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}

async function exampleText({ name, version, inputs_schema: schema }: Plugin): Promise<string> {
  const { stringify } = await import("yaml");
  const inputs = exampleInputs(schema);
  return stringify([
    {
      id: name.replaceAll("_", "-"),
      plugin: `${name}@${version}`,
      ...(Object.keys(inputs).length > 0 && { inputs }),
    },
  ]);
}
