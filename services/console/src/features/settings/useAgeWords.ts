import { useTranslation } from "react-i18next";
import { ageOf } from "./retention";

/** Return what an age is called: "90 days". */
export function useAgeWords(): (seconds: number) => string {
  const { t } = useTranslation("settings");
  return (seconds) => {
    const { count, unit } = ageOf(seconds);
    return t(`retention.age.${unit}`, { count });
  };
}
