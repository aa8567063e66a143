import type { LucideIcon } from "lucide-react";
import {
  Box,
  CirclePlay,
  Flag,
  GitMerge,
  Layers,
  ListPlus,
  Plus,
  TriangleAlert,
  Workflow,
  X,
} from "lucide-react";
import type { NodeKind } from "@/canvas/flow";

/** What tells kinds of nodes apart, besides their outline. */
export const ICONS: Readonly<Record<NodeKind, LucideIcon>> = {
  start: CirclePlay,
  end: Flag,
  activity: Box,
  subflow: Workflow,
  map: Layers,
  exclusive: X,
  parallel: Plus,
  conditional_parallel: ListPlus,
  converge: GitMerge,
  broken: TriangleAlert,
};
