import { lazyRouteComponent } from "@tanstack/react-router";
import type { RouteComponent } from "@tanstack/react-router";
import { patiently } from "@/shared/lazily";

type Pages = Record<string, RouteComponent>;

/**
 * A page that is loaded when it is first shown.
 *
 * What a page is made of depends on the routes, so its own type may not be part of theirs.
 */
export function page(load: () => Promise<unknown>, name: string): RouteComponent {
  return lazyRouteComponent(() => patiently(load) as Promise<Pages>, name);
}
