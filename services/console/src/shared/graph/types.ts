import type { ReactNode, RefObject } from "react";
import type { Direction, Routes } from "@/canvas/layout";
import type { Flow, Position, Positions } from "@/canvas/flow";
import type { Size } from "@/canvas/size";

export type Change = "added" | "removed" | "changed";

/** What a node shows besides what it is. */
export interface NodeLook {
  /** One of shared/status: shown by color, shape and word. */
  readonly status?: string | undefined;
  /** Instead of its title. */
  readonly label?: string | undefined;
  /** Instead of what it runs. */
  readonly detail?: string | undefined;
  /** A short text at its corner, such as "3/10". */
  readonly badge?: string | undefined;
  /** What is wrong with it, in words. */
  readonly problem?: string | undefined;
  /** How it differs from another version. */
  readonly change?: Change | undefined;
  /** It takes no part: left out, or passed by. */
  readonly isFaint?: boolean | undefined;
}

export interface EdgeLook {
  readonly change?: Change | undefined;
  /** A token went this way. */
  readonly isTaken?: boolean | undefined;
  readonly isFaint?: boolean | undefined;
}

/** What a page may have the canvas do. */
export interface GraphApi {
  /** Show all of it, or these nodes. */
  readonly fit: (ids?: readonly string[]) => void;
  /** Bring a node into the middle. */
  readonly centre: (id: string) => void;
  /**
   * Show nodes of which one is out of sight: with all others where they can be read, else that one.
   *
   * @param isWhole - Whether a node of which a part is hidden is out of sight, too.
   */
  readonly reveal: (ids: readonly string[], isWhole?: boolean) => void;
  /** Give a node the keyboard. */
  readonly focus: (id: string) => void;
  readonly zoomIn: () => void;
  readonly zoomOut: () => void;
  /** Return the place on the canvas of a place in the window. */
  readonly placeAt: (clientX: number, clientY: number) => Position;
  /** Return the middle of what is seen. */
  readonly middle: () => Position;
}

/** What is done when somebody changes the drawing. */
export interface GraphEdit {
  /** Nodes were put elsewhere: where all that moved stand now. */
  readonly onMove: (moved: Positions) => void;
  readonly onConnect: (source: string, target: string) => void;
  /** An edge was taken at one end and led elsewhere. */
  readonly onReconnect: (edge: string, source: string, target: string) => void;
  /** A line was let go where nothing is. */
  readonly onConnectToNothing: (source: string, at: Position) => void;
  /** The "+" of an edge was pressed. */
  readonly onInsert: (edge: string) => void;
  /** Something of `DROPPED` was let go, on an edge or beside. */
  readonly onDrop: (what: string, at: Position, edge: string | null) => void;
  readonly onOpen?: ((node: string) => void) | undefined;
}

/** Type under which dragged parts of a flow are known. */
export const DROPPED = "application/x-flowyard-node";

export interface FlowGraphProps {
  readonly flow: Flow;
  /** Where all nodes stand, as layOut returns it; what has none is not drawn. */
  readonly positions: Positions;
  /** What the drawing is called, for those who do not see it. */
  readonly label: string;
  readonly direction?: Direction;
  /** Where lines run that `drawn` of canvas/layout has laid out; the others are found here. */
  readonly routes?: Routes;
  readonly looks?: Readonly<Record<string, NodeLook>>;
  readonly edgeLooks?: Readonly<Record<string, EdgeLook>>;
  /** Ids of nodes and edges. */
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
  /** Left out, it is only looked at. */
  readonly edit?: GraphEdit | undefined;
  readonly minimap?: boolean;
  /** Show all of it at first, however small that makes it. */
  readonly isOverview?: boolean;
  /** The node that is shown at first. */
  readonly startAt?: string | undefined;
  /** Nodes that are drawn larger than usual; layOut has to know the same. */
  readonly sizes?: Readonly<Record<string, Size>>;
  /** What stands within a node below its title, such as an opened subflow; stable, or all is drawn. */
  readonly renderInside?: ((id: string) => ReactNode) | undefined;
  readonly apiRef?: RefObject<GraphApi | null>;
}
