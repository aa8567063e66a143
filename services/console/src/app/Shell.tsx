import { AppShell, Burger, Kbd } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { Bell, Blocks, BookOpen, Home, ListChecks, Settings, Workflow } from "lucide-react";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Rows } from "@/shared/Page";
import { useProject } from "@/shared/project";
import { useShortcuts } from "@/shared/shortcuts";
import classes from "./app.module.css";
import { ProjectChoice } from "./ProjectChoice";
import { Preferences } from "./Preferences";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { UserMenu } from "./UserMenu";
import { WaitingBadge, WaitingBell } from "./WaitingBadge";

const PLACES = [
  { to: "/projects/$project", text: "nav.home", icon: Home, keys: "g h", exact: true },
  {
    to: "/projects/$project/instances",
    text: "nav.instances",
    icon: ListChecks,
    keys: "g i",
    exact: false,
  },
  {
    to: "/projects/$project/waiting",
    text: "nav.waiting",
    icon: Bell,
    keys: "g w",
    exact: false,
  },
  {
    to: "/projects/$project/templates",
    text: "nav.templates",
    icon: Workflow,
    keys: "g t",
    exact: false,
  },
  {
    to: "/projects/$project/plugins",
    text: "nav.plugins",
    icon: Blocks,
    keys: "g p",
    exact: false,
  },
  {
    to: "/projects/$project/settings",
    text: "nav.settings",
    icon: Settings,
    keys: "g s",
    exact: false,
  },
] as const;

/** What is around every page: where one is, where one can go, and who one is. */
export function Shell() {
  const { t } = useTranslation("app");
  const [isOpen, menu] = useDisclosure(false);
  const [isHelpOpen, help] = useDisclosure(false);
  const project = useProject();
  useGoing(help.open);
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 216, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "sm", sm: "lg" }}
    >
      <a href="#content" className={classes["skip"]}>
        {t("skip")}
      </a>
      <AppShell.Header className={classes["header"] ?? ""}>
        <Burger
          opened={isOpen}
          onClick={menu.toggle}
          hiddenFrom="sm"
          size="sm"
          aria-label={t("nav.menu")}
          aria-expanded={isOpen}
        />
        <Link to="/" className={classes["name"]} aria-label="Flowyard">
          <img src="/icon.svg" alt="" width={22} height={22} />
          <span className={classes["word"]} translate="no">
            {t("name")}
          </span>
        </Link>
        <ProjectChoice />
        <span style={{ flex: 1 }} />
        {project !== null && <WaitingBell project={project} />}
        <Preferences onHelp={help.open} />
        <UserMenu />
      </AppShell.Header>
      <AppShell.Navbar
        p="xs"
        className={classes["navbar"] ?? ""}
        aria-label={t("nav.label")}
        data-open={isOpen}
      >
        <Navigation onGo={menu.close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Suspense fallback={<Rows />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
      <ShortcutsDialog isOpen={isHelpOpen} onClose={help.close} />
    </AppShell>
  );
}

function Navigation({ onGo }: { readonly onGo: () => void }) {
  const { t } = useTranslation("app");
  const project = useProject();
  return (
    <>
      {project !== null &&
        PLACES.map(({ to, text, icon: Icon, keys, exact }) => (
          <Link
            key={to}
            to={to}
            params={{ project }}
            activeOptions={{ exact, includeSearch: false }}
            className={classes["item"]}
            onClick={onGo}
          >
            <Icon size={16} aria-hidden />
            {t(text)}
            {text === "nav.waiting" && <WaitingBadge project={project} />}
            <Kbd size="xs" className={classes["key"] ?? ""} aria-hidden visibleFrom="sm">
              {keys}
            </Kbd>
          </Link>
        ))}
      <a href="/docs" className={classes["item"]} style={{ marginTop: "auto" }}>
        <BookOpen size={16} aria-hidden />
        {t("nav.docs")}
      </a>
    </>
  );
}

function useGoing(onHelp: () => void): void {
  const navigate = useNavigate();
  const project = useProject();
  const go = (to: (typeof PLACES)[number]["to"]) => () => {
    if (project !== null) void navigate({ to, params: { project } });
  };
  useShortcuts({
    "?": onHelp,
    "/": () => document.querySelector<HTMLInputElement>("input[type='search']")?.focus(),
    ...Object.fromEntries(PLACES.map((place) => [place.keys, go(place.to)])),
  });
}
