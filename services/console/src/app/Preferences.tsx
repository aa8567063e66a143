import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core";
import type { MantineColorScheme } from "@mantine/core";
import { Keyboard, Languages, SunMoon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { LANGUAGES } from "@/shared/languages";
import { chooseLanguage } from "./i18n";

const THEMES = ["light", "dark", "auto"] as const satisfies readonly MantineColorScheme[];

/** Language, theme and the list of shortcuts. */
export function Preferences({ onHelp }: { readonly onHelp?: () => void }) {
  const { t } = useTranslation("app");
  return (
    <>
      <LanguageMenu />
      <ThemeMenu />
      {onHelp !== undefined && (
        <ActionIcon
          variant="subtle"
          color="gray"
          visibleFrom="sm"
          aria-label={t("shortcuts.title")}
          onClick={onHelp}
        >
          <Keyboard size={17} aria-hidden />
        </ActionIcon>
      )}
    </>
  );
}

function LanguageMenu() {
  const { t, i18n } = useTranslation("app");
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("language")}>
          <Languages size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup
          value={i18n.language}
          onChange={(language) => void chooseLanguage(language)}
        >
          {Object.entries(LANGUAGES).map(([language, name]) => (
            <Menu.RadioItem key={language} value={language} lang={language} closeMenuOnClick>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

function ThemeMenu() {
  const { t } = useTranslation("app");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("theme.label")}>
          <SunMoon size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}
        >
          {THEMES.map((scheme) => (
            <Menu.RadioItem key={scheme} value={scheme} closeMenuOnClick>
              {t(`theme.${scheme}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
