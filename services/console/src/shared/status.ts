import type { LucideIcon } from "lucide-react";
import {
  Ban,
  Check,
  CircleDashed,
  CirclePause,
  Hourglass,
  LoaderCircle,
  Play,
  SkipForward,
  TriangleAlert,
} from "lucide-react";

/** Statuses of instances, in the order in which people ask for them. */
export const INSTANCE_STATUSES = [
  "running",
  "failed",
  "paused",
  "created",
  "succeeded",
  "cancelled",
] as const;

export type InstanceStatus = (typeof INSTANCE_STATUSES)[number];

export type Status =
  InstanceStatus | "pending" | "ready" | "waiting" | "skipped" | "rejected" | "applied";

interface Look {
  /** Name of the color, of styles.css. */
  readonly tone: "live" | "bad" | "held" | "good" | "quiet" | "idle";
  readonly icon: LucideIcon;
}

/** How each status looks: color and shape, so that neither is needed alone. */
const LOOKS: Record<Status, Look> = {
  pending: { tone: "idle", icon: CircleDashed },
  created: { tone: "idle", icon: CircleDashed },
  ready: { tone: "live", icon: Play },
  running: { tone: "live", icon: LoaderCircle },
  waiting: { tone: "held", icon: Hourglass },
  paused: { tone: "held", icon: CirclePause },
  failed: { tone: "bad", icon: TriangleAlert },
  rejected: { tone: "bad", icon: TriangleAlert },
  succeeded: { tone: "good", icon: Check },
  applied: { tone: "good", icon: Check },
  skipped: { tone: "quiet", icon: SkipForward },
  cancelled: { tone: "quiet", icon: Ban },
};

export function isStatus(name: string): name is Status {
  return name in LOOKS;
}

export function lookOf(status: Status): Look {
  return LOOKS[status];
}
