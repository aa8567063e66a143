import { useSyncExternalStore } from "react";
import { connection } from "@/api/connection";

/** Whether the API is away. */
export function useLostConnection(): boolean {
  return useSyncExternalStore(connection.subscribe, connection.isLost);
}
