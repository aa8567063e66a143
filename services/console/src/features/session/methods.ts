import type { ComponentType } from "react";
import { TokenForm } from "./components/TokenForm";

export interface MethodProps {
  /** Called once the API knows who this is. */
  readonly onSignedIn: () => void;
}

/** One way to sign in. */
export interface Method {
  readonly id: "token";
  readonly Form: ComponentType<MethodProps>;
}

/** The ways to sign in that are offered; the first one is shown first. */
export const METHODS: readonly Method[] = [{ id: "token", Form: TokenForm }];
