import { Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useMemo, useState } from "react";
import type { KeyboardEvent, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { ICONS } from "@/shared/graph/kinds";
import { DROPPED } from "@/shared/graph/types";
import { plainText } from "@/shared/pieces";
import { pluginsQuery } from "@/shared/plugins";
import { subflowsQuery } from "../api";
import type { Editor } from "../model";
import { useEditor } from "../model";
import type { Choice, Offer } from "../offers";
import { offersOf } from "../offers";
import type { Place } from "../panel/types";
import classes from "./designer.module.css";

const PAUSE_MS = 250;

/** What can be added: searched for, then added by Enter or a click, or dragged to its place. */
export function Palette({
  place,
  editor,
  searchRef,
  onAdd,
  onLeave,
}: {
  readonly place: Place;
  readonly editor: Editor;
  readonly searchRef: RefObject<HTMLInputElement | null>;
  readonly onAdd: (choice: Choice) => void;
  /** Back to the canvas, without the mouse. */
  readonly onLeave: () => void;
}) {
  const { t } = useTranslation("designer");
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const offers = useOffers(place, text);
  const shown = Math.min(active, offers.length - 1);
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = Math.max(0, Math.min(offers.length - 1, shown + step));
      setActive(next);
      document.getElementById(idOf(next))?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      const offer = offers[shown];
      if (offer !== undefined) onAdd(offer.choice);
      // What is typed next is another search.
      if (event.target instanceof HTMLInputElement) event.target.select();
    } else if (event.key === "Escape") {
      if (text === "") onLeave();
      else setText("");
    }
  };
  return (
    <section className={classes["palette"]} aria-labelledby="palette">
      <div className={classes["paletteHead"]}>
        <Title order={2} id="palette">
          {t("palette.title")}
        </Title>
        <TextInput
          ref={searchRef}
          type="search"
          role="combobox"
          aria-expanded
          aria-controls="parts"
          aria-activedescendant={offers.length > 0 ? idOf(shown) : undefined}
          aria-label={t("palette.search")}
          placeholder={t("palette.search")}
          leftSection={<Search size={14} aria-hidden />}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setActive(0);
          }}
          onFocus={(event) => event.currentTarget.select()}
          onKeyDown={onKey}
        />
        <Where editor={editor} />
      </div>
      <div
        className={classes["paletteList"]}
        id="parts"
        role="listbox"
        aria-label={t("palette.title")}
      >
        {offers.length === 0 && (
          <Text size="sm" p="xs" className="faint">
            {t("palette.none")}
          </Text>
        )}
        {[...Map.groupBy(offers, ({ group }) => group)].map(([group, some]) => (
          <div key={group} role="group" aria-label={t(`palette.${group}`)}>
            <div className={classes["group"]} aria-hidden>
              {t(`palette.${group}`)}
            </div>
            {some.map((offer) => {
              const index = offers.indexOf(offer);
              return (
                <OfferLine
                  key={offer.key}
                  offer={offer}
                  index={index}
                  isActive={index === shown}
                  onAdd={onAdd}
                />
              );
            })}
          </div>
        ))}
      </div>
    </section>
  );
}

function idOf(index: number): string {
  return `part-${index}`;
}

function useOffers(place: Place, text: string): readonly Offer[] {
  const { t } = useTranslation("designer");
  const [asked] = useDebouncedValue(text.trim(), PAUSE_MS);
  const plugins = useQuery(pluginsQuery).data;
  const subflows = useQuery(subflowsQuery(place.project, asked)).data;
  return useMemo(
    () =>
      offersOf({
        text,
        plugins: plugins ?? [],
        subflows: (subflows ?? []).filter((one) => one.key !== place.template),
        words: (key) => t(`palette.${key}`),
        runs: (key) => t("palette.subflowText", { key }),
      }),
    [text, plugins, subflows, place.template, t],
  );
}

/** Says where what is chosen will come to stand. */
function Where({ editor }: { readonly editor: Editor }) {
  const { t } = useTranslation(["designer", "graph"]);
  const flow = useEditor(editor, (state) => state.flow);
  const selected = useEditor(editor, (state) => state.selected);
  const titles = new Map([
    ["start", t("graph:start")],
    ...flow.nodes.map((node) => [node.id, node.title] as const),
    ["end", t("graph:end")],
  ]);
  const [one = "", ...others] = selected;
  const edge = flow.edges.find(({ id }) => id === one);
  const title = one === "end" ? undefined : titles.get(one);
  const said =
    others.length > 0
      ? t("palette.last")
      : edge !== undefined
        ? t("palette.between", {
            source: titles.get(edge.source) ?? "",
            target: titles.get(edge.target) ?? "",
          })
        : title === undefined
          ? t("palette.last")
          : t("palette.after", { title });
  return (
    <Text size="xs" className="faint" aria-live="polite" title={t("palette.hint")}>
      {said}
    </Text>
  );
}

function OfferLine({
  offer,
  index,
  isActive,
  onAdd,
}: {
  readonly offer: Offer;
  readonly index: number;
  readonly isActive: boolean;
  readonly onAdd: (choice: Choice) => void;
}) {
  const Icon = ICONS[offer.kind];
  return (
    <div
      id={idOf(index)}
      role="option"
      aria-selected={isActive}
      className={classes["part"]}
      data-active={isActive}
      title={plainText(offer.text)}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(DROPPED, JSON.stringify(offer.choice));
        event.dataTransfer.effectAllowed = "copy";
      }}
      onClick={() => onAdd(offer.choice)}
    >
      <span className={classes["partIcon"]}>
        <Icon size={16} aria-hidden />
      </span>
      <span className={classes["partTexts"]}>
        <span className={classes["partTitle"]}>{offer.title}</span>
        <span className={classes["partText"]}>{plainText(offer.text)}</span>
      </span>
    </div>
  );
}
