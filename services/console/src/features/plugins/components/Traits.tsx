import { Group, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Plugin } from "@/shared/plugins";
import classes from "./plugins.module.css";

/** What may be done with a plugin's steps: repeating and stopping them. */
export function Traits({ plugin }: { readonly plugin: Plugin }) {
  const { t } = useTranslation("plugins");
  const traits = [
    `idempotency.${plugin.idempotency}`,
    ...(plugin.is_cancellable ? (["cancellable"] as const) : []),
  ] as const;
  return (
    <Group gap={6}>
      {traits.map((trait) => (
        <Tooltip key={trait} label={t(`trait.${trait}.text`)} w={260}>
          <span className={classes["trait"]} tabIndex={0}>
            {t(`trait.${trait}.name`)}
          </span>
        </Tooltip>
      ))}
    </Group>
  );
}
