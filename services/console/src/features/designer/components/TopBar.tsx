import { ActionIcon, Avatar, Button, Group, Menu, Text, Tooltip } from "@mantine/core";
import {
  AlignCenterVertical,
  ArrowLeft,
  CopyPlus,
  EllipsisVertical,
  FlaskConical,
  Keyboard,
  LayoutGrid,
  Play,
  Redo2,
  Rocket,
  Share2,
  Trash2,
  Undo2,
} from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaEditorView, SchemaTemplateView } from "@/api/schema";
import type { Alignment } from "@/canvas/arrange";
import { LinkButton } from "@/shared/links";
import type { Commands } from "../commands";
import type { Drafting } from "../drafting";
import type { Editor } from "../model";
import { useEditor } from "../model";
import type { Place } from "../panel/types";
import classes from "./designer.module.css";
import { SaveState } from "./SaveState";

export interface BarActions {
  readonly onTest: () => void;
  readonly onPublish: () => void;
  readonly onShare: () => void;
  readonly onDiscard: () => void;
  readonly onKeys: () => void;
  readonly onTheirs: (user: string) => void;
}

interface Props extends BarActions {
  readonly place: Place;
  readonly template: SchemaTemplateView;
  readonly editor: Editor;
  readonly drafting: Drafting;
  readonly commands: Commands;
  readonly others: readonly SchemaEditorView[];
}

/** What can be done with the flow as a whole, whether it is saved, and who else is at it. */
export function TopBar(props: Props) {
  const { place, template, editor, drafting, commands, others } = props;
  const { t } = useTranslation("designer");
  const title = useEditor(editor, ({ definition }) =>
    typeof definition["title"] === "string" && definition["title"] !== ""
      ? definition["title"]
      : template.key,
  );
  return (
    <header className={classes["bar"]}>
      <LinkButton
        to="/projects/$project/templates/$template"
        params={place}
        variant="subtle"
        px={6}
        aria-label={t("bar.back")}
      >
        <ArrowLeft size={16} aria-hidden />
      </LinkButton>
      <h1 className={classes["name"]} title={title}>
        <Text component="span" fw={620} className="cut">
          {title}
        </Text>
      </h1>
      <SaveState drafting={drafting} />
      <span className={classes["fill"]} />
      <Others others={others} onTheirs={props.onTheirs} />
      <Editing editor={editor} commands={commands} />
      <Group gap={6} wrap="nowrap">
        <Button
          variant="default"
          leftSection={<FlaskConical size={14} aria-hidden />}
          onClick={props.onTest}
        >
          {t("bar.test")}
        </Button>
        <StartButton place={place} isPublished={template.latest_version !== null} />
        <Button leftSection={<Rocket size={14} aria-hidden />} onClick={props.onPublish}>
          {t("bar.publish")}
        </Button>
        <More {...props} />
      </Group>
    </header>
  );
}

function StartButton({
  place,
  isPublished,
}: {
  readonly place: Place;
  readonly isPublished: boolean;
}) {
  const { t } = useTranslation("designer");
  const icon = <Play size={14} aria-hidden />;
  if (isPublished) {
    return (
      <LinkButton
        to="/projects/$project/templates/$template/start"
        params={place}
        leftSection={icon}
      >
        {t("bar.start")}
      </LinkButton>
    );
  }
  return (
    <Tooltip label={t("bar.unpublished")}>
      <Button variant="default" leftSection={icon} data-disabled aria-disabled>
        {t("bar.start")}
      </Button>
    </Tooltip>
  );
}

const ALIGNMENTS: readonly (readonly [Alignment, AlignWord])[] = [
  ["left", "left"],
  ["center", "center"],
  ["right", "alignRight"],
  ["top", "top"],
  ["middle", "middle"],
  ["bottom", "bottom"],
  ["across", "across"],
  ["down", "spreadDown"],
];

type AlignWord =
  "left" | "center" | "alignRight" | "top" | "middle" | "bottom" | "across" | "spreadDown";

function Editing({ editor, commands }: { readonly editor: Editor; readonly commands: Commands }) {
  const { t } = useTranslation("designer");
  const canUndo = useEditor(editor, (state) => state.canUndo);
  const canRedo = useEditor(editor, (state) => state.canRedo);
  const count = useEditor(editor, (state) => state.selected.size);
  return (
    <Group gap={4} wrap="nowrap">
      <IconButton label={t("bar.undo")} isDisabled={!canUndo} onClick={editor.undo}>
        <Undo2 size={16} aria-hidden />
      </IconButton>
      <IconButton label={t("bar.redo")} isDisabled={!canRedo} onClick={editor.redo}>
        <Redo2 size={16} aria-hidden />
      </IconButton>
      <IconButton
        label={t("bar.duplicate")}
        isDisabled={count === 0}
        onClick={() => commands.duplicate()}
      >
        <CopyPlus size={16} aria-hidden />
      </IconButton>
      <IconButton
        label={t("bar.delete")}
        isDisabled={count === 0}
        onClick={() => commands.remove()}
      >
        <Trash2 size={16} aria-hidden />
      </IconButton>
      <IconMenu label={t("bar.arrange")} icon={<LayoutGrid size={16} aria-hidden />}>
        <Menu.Item onClick={() => void commands.arrange("right")}>{t("bar.right")}</Menu.Item>
        <Menu.Item onClick={() => void commands.arrange("down")}>{t("bar.down")}</Menu.Item>
      </IconMenu>
      {count > 1 && (
        <IconMenu label={t("bar.align")} icon={<AlignCenterVertical size={16} aria-hidden />}>
          {ALIGNMENTS.map(([how, word]) => (
            <Menu.Item key={how} onClick={() => commands.align(how)}>
              {t(`bar.${word}`)}
            </Menu.Item>
          ))}
        </IconMenu>
      )}
    </Group>
  );
}

function IconButton({
  label,
  isDisabled = false,
  onClick,
  children,
}: {
  readonly label: string;
  readonly isDisabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={label}
        disabled={isDisabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function IconMenu({
  label,
  icon,
  children,
}: {
  readonly label: string;
  readonly icon: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={label} title={label}>
          {icon}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

function Others({
  others,
  onTheirs,
}: {
  readonly others: readonly SchemaEditorView[];
  readonly onTheirs: (user: string) => void;
}) {
  const { t } = useTranslation("designer");
  const shown = others.filter((one) => one.is_active || (one.has_draft && one.differs));
  if (shown.length === 0) return null;
  return (
    <ul className={classes["others"]} aria-label={t("presence.title")}>
      {shown.map(({ user, is_active: isActive, has_draft: hasDraft }) => {
        const said = t(isActive ? "presence.editing" : "presence.draft", { user });
        const look = hasDraft ? ` ${t("presence.look", { user })}` : "";
        return (
          <li key={user}>
            <Tooltip label={`${said}.${look}`}>
              <button
                type="button"
                className={classes["other"]}
                data-active={isActive}
                disabled={!hasDraft}
                onClick={() => onTheirs(user)}
              >
                <Avatar size={24} radius="xl" name={user} color="initials" aria-hidden />
                <span className={classes["otherName"]}>{said}</span>
              </button>
            </Tooltip>
          </li>
        );
      })}
    </ul>
  );
}

function More({ onShare, onDiscard, onKeys }: BarActions) {
  const { t } = useTranslation("designer");
  return (
    <IconMenu label={t("bar.more")} icon={<EllipsisVertical size={16} aria-hidden />}>
      <Menu.Item leftSection={<Share2 size={14} aria-hidden />} onClick={onShare}>
        {t("bar.share")}
      </Menu.Item>
      <Menu.Item leftSection={<Trash2 size={14} aria-hidden />} onClick={onDiscard}>
        {t("bar.discard")}
      </Menu.Item>
      <Menu.Item leftSection={<Keyboard size={14} aria-hidden />} onClick={onKeys}>
        {t("bar.keys")}
      </Menu.Item>
    </IconMenu>
  );
}
