import { Group, Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Place } from "../api";
import { MOST_VERSIONS, versionsQuery } from "../api";

interface Props {
  readonly place: Place;
  readonly latest: number;
  readonly number: number;
  readonly onChoose: (number: number) => void;
}

/** Which published version is started: the latest, or one before it. */
export function VersionChoice({ place, latest, number, onChoose }: Props) {
  const { t } = useTranslation("start");
  const known = useQuery({ ...versionsQuery(place), enabled: latest > 1 }).data;
  const options = useMemo(() => {
    const notes = new Map(known?.map((one) => [one.number, one.note]));
    return Array.from({ length: latest }, (_, index) => {
      const one = latest - index;
      const note = notes.get(one) ?? "";
      const name = t(one === latest ? "version.latest" : "version.one", { number: one });
      return { value: String(one), label: note === "" ? name : `${name} · ${note}` };
    });
  }, [known, latest, t]);
  if (latest === 1) {
    return (
      <Text size="sm" className="faint numbers">
        {t("version.one", { number })}
      </Text>
    );
  }
  return (
    <Group gap="xs">
      <Select
        aria-label={t("version.choose")}
        size="xs"
        w={260}
        data={options}
        limit={MOST_VERSIONS}
        searchable
        allowDeselect={false}
        value={String(number)}
        nothingFoundMessage={t("version.none")}
        onChange={(chosen) => chosen !== null && onChoose(Number(chosen))}
      />
      {number < latest && (
        <Text size="sm" c="var(--held-text)">
          {t("version.older", { number: latest })}
        </Text>
      )}
    </Group>
  );
}
