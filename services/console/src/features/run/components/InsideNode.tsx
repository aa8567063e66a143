import { UnstyledButton } from "@mantine/core";
import { ChevronDown, ChevronUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { lookOf, isStatus } from "@/shared/status";
import { itemsOf } from "../logic/items";
import type { Placed } from "../logic/layers";
import { MOST_CELLS } from "../logic/looks";
import { useRunState } from "./context";
import classes from "./run.module.css";

/** What stands within a node of the graph below its name. */
export function InsideNode({ place }: { readonly place: string }) {
  const { picture } = useRunState();
  const one = picture.nodes.get(place);
  if (one === undefined) return null;
  return one.vertex.kind === "map" ? <Cells one={one} /> : <Opener one={one} />;
}

function Opener({ one }: { readonly one: Placed }) {
  const { t } = useTranslation("run");
  const { search, go } = useRunState();
  const open = search.open ?? [];
  const isOpen = open.includes(one.place);
  const Icon = isOpen ? ChevronUp : ChevronDown;
  const rest = open.filter((place) => place !== one.place && !isWithin(place, one.place));
  const after = isOpen ? rest : [...open, one.place];
  return (
    <UnstyledButton
      className={classes["opener"] ?? ""}
      aria-expanded={isOpen}
      onClick={(event) => {
        event.stopPropagation();
        go({ open: after.length === 0 ? null : after });
      }}
    >
      <Icon size={13} aria-hidden />
      {t(isOpen ? "closeInside" : "openInside")}
    </UnstyledButton>
  );
}

function isWithin(place: string, outer: string): boolean {
  return place.startsWith(`${outer}/`) || place.startsWith(`${outer}.`);
}

/** The items of a map: one by one while they are few, else how many stand how. */
function Cells({ one }: { readonly one: Placed }) {
  const { node, layer } = one;
  if (node === null || layer.run === null) return null;
  const { items, total, counts } = itemsOf(layer.run.instance, node.node_id, node);
  if (total > MOST_CELLS) {
    return (
      <div className={classes["shares"]} aria-hidden>
        {[...counts].map(([status, count]) => (
          <span key={status} data-tone={toneOf(status)} style={{ flexGrow: count }}>
            {count}
          </span>
        ))}
      </div>
    );
  }
  return (
    <div className={classes["cells"]} aria-hidden>
      {items.map((item) => (
        <span key={item.index} data-tone={toneOf(item.status)} data-status={item.status} />
      ))}
    </div>
  );
}

export function toneOf(status: string): string {
  return isStatus(status) ? lookOf(status).tone : "idle";
}
