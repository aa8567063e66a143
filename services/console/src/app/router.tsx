import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  redirect,
} from "@tanstack/react-router";
import i18next from "i18next";
import { ProblemError } from "@/api/problem";
import { ME_KEY, readMe } from "@/api/session";
import { archivedSearch } from "@/features/instances/archived";
import { instanceSearch } from "@/features/instances/search";
import { pluginSearch } from "@/features/plugins/search";
import { runSearch } from "@/features/run/search";
import { settingsSearch } from "@/features/settings/search";
import { startSearch } from "@/features/start/search";
import { templateSearch } from "@/features/templates/search";
import { waitingSearch } from "@/features/waiting/search";
import { enterProject, firstProject } from "@/shared/project";
import { parseSearch, stringifySearch } from "./addresses";
import { CrashPage, NotFoundPage } from "./pages";
import { page } from "./parts";
import { Root } from "./Root";
import { Shell } from "./Shell";

interface Context {
  readonly queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Root });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (given: Record<string, unknown>): { next?: string } =>
    typeof given["next"] === "string" ? { next: given["next"] } : {},
  loader: () => i18next.loadNamespaces("session"),
  component: page(() => import("@/features/session/components/SignInPage"), "SignInPage"),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.query({ queryKey: ME_KEY, queryFn: readMe, staleTime: "static" });
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 401) throw error;
      throw redirect({ to: "/sign-in", search: { next: location.href } });
    }
  },
  component: Shell,
});

const start = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: async () => {
    const project = await firstProject();
    if (project === null) throw redirect({ to: "/projects" });
    throw redirect({ to: "/projects/$project", params: { project }, replace: true });
  },
});

const projects = createRoute({
  getParentRoute: () => inside,
  path: "/projects",
  loader: () => i18next.loadNamespaces("home"),
  component: page(() => import("@/features/home/components/NoProjectPage"), "NoProjectPage"),
});

const project = createRoute({
  getParentRoute: () => inside,
  path: "/projects/$project",
  beforeLoad: ({ params, preload }) => {
    if (!preload) enterProject(params.project);
  },
});

const home = createRoute({
  getParentRoute: () => project,
  path: "/",
  loader: () => i18next.loadNamespaces(["home", "newTemplate"]),
  component: page(() => import("@/features/home/components/HomePage"), "HomePage"),
});

const instances = createRoute({
  getParentRoute: () => project,
  path: "/instances",
  validateSearch: instanceSearch,
  loader: () => i18next.loadNamespaces("instances"),
  component: page(() => import("@/features/instances/components/InstancesPage"), "InstancesPage"),
});

const archived = createRoute({
  getParentRoute: () => project,
  path: "/instances/archived",
  validateSearch: archivedSearch,
  loader: () => i18next.loadNamespaces("instances"),
  component: page(() => import("@/features/instances/components/ArchivedPage"), "ArchivedPage"),
});

const instance = createRoute({
  getParentRoute: () => inside,
  path: "/instances/$instance",
  validateSearch: runSearch,
  loader: () => i18next.loadNamespaces(["run", "graph", "forms"]),
  component: page(() => import("@/features/run/components/RunPage"), "RunPage"),
});

const approval = createRoute({
  getParentRoute: () => inside,
  path: "/instances/$instance/approvals/$node",
  loader: () => i18next.loadNamespaces("run"),
  component: page(() => import("@/features/run/components/ApprovalPage"), "ApprovalPage"),
});

const templates = createRoute({
  getParentRoute: () => project,
  path: "/templates",
  validateSearch: templateSearch,
  loader: () => i18next.loadNamespaces(["templates", "newTemplate"]),
  component: page(() => import("@/features/templates/components/TemplatesPage"), "TemplatesPage"),
});

const template = createRoute({
  getParentRoute: () => project,
  path: "/templates/$template",
  loader: () => i18next.loadNamespaces(["templates", "uses", "visibility", "graph"]),
  component: page(() => import("@/features/templates/components/TemplatePage"), "TemplatePage"),
});

const starting = createRoute({
  getParentRoute: () => project,
  path: "/templates/$template/start",
  validateSearch: startSearch,
  loader: () => i18next.loadNamespaces(["start", "forms", "graph"]),
  component: page(() => import("@/features/start/components/StartPage"), "StartPage"),
});

const designer = createRoute({
  getParentRoute: () => project,
  path: "/templates/$template/edit",
  loader: () => i18next.loadNamespaces(["designer", "graph", "forms", "panel"]),
  component: page(() => import("@/features/designer/components/DesignerPage"), "DesignerPage"),
});

const importing = createRoute({
  getParentRoute: () => project,
  path: "/templates/import",
  loader: () => i18next.loadNamespaces(["designer", "graph"]),
  component: page(() => import("@/features/designer/components/ImportPage"), "ImportPage"),
});

const waiting = createRoute({
  getParentRoute: () => project,
  path: "/waiting",
  validateSearch: waitingSearch,
  loader: () => i18next.loadNamespaces("waiting"),
  component: page(() => import("@/features/waiting/components/WaitingPage"), "WaitingPage"),
});

const plugins = createRoute({
  getParentRoute: () => project,
  path: "/plugins",
  validateSearch: pluginSearch,
  loader: () => i18next.loadNamespaces("plugins"),
  component: page(() => import("@/features/plugins/components/PluginsPage"), "PluginsPage"),
});

const plugin = createRoute({
  getParentRoute: () => project,
  path: "/plugins/$name/$version",
  loader: () => i18next.loadNamespaces(["plugins", "uses"]),
  component: page(() => import("@/features/plugins/components/PluginPage"), "PluginPage"),
});

const settings = createRoute({
  getParentRoute: () => project,
  path: "/settings",
  validateSearch: settingsSearch,
  loader: () => i18next.loadNamespaces(["settings", "visibility", "forms"]),
  component: page(() => import("@/features/settings/components/SettingsPage"), "SettingsPage"),
});

const routes = root.addChildren([
  signIn,
  inside.addChildren([
    start,
    projects,
    instance,
    approval,
    project.addChildren([
      home,
      instances,
      archived,
      waiting,
      plugins,
      plugin,
      settings,
      templates,
      importing,
      template,
      starting,
      designer,
    ]),
  ]),
]);

export function newRouter(queries: QueryClient) {
  return createRouter({
    routeTree: routes,
    context: { queries },
    defaultPreload: "intent",
    defaultErrorComponent: CrashPage,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
    parseSearch,
    stringifySearch,
  });
}

export type AppRouter = ReturnType<typeof newRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}
