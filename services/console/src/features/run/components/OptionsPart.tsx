import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Options } from "../logic/graph";
import type texts from "../locales/en.json";
import { Value } from "./JsonView";
import classes from "./run.module.css";

type Known = keyof typeof texts.option;

/** What was said about how a node is run. */
export function OptionsPart({ options }: { readonly options: Options }) {
  const { t, i18n } = useTranslation("run");
  const names = Object.keys(options);
  if (names.length === 0) {
    return (
      <Text size="sm" className="faint">
        {t("panel.noOptions")}
      </Text>
    );
  }
  return (
    <dl className={classes["values"]}>
      {names.map((name) => {
        const value = options[name];
        return (
          <div key={name}>
            <dt>
              {i18n.exists(`option.${name}`, { ns: "run" }) ? t(`option.${name as Known}`) : name}
            </dt>
            <dd>
              {typeof value === "boolean" ? t(value ? "yes" : "no") : <Value value={value} />}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
