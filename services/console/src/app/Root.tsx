import { MantineThemeProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { Outlet } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLostConnection } from "@/shared/useLostConnection";
import classes from "./app.module.css";

export function Root() {
  return (
    <>
      <Suspense>
        <Notices />
        <ConnectionBanner />
      </Suspense>
      <Suspense>
        <Outlet />
      </Suspense>
    </>
  );
}

/** What was done or could not be done, for some seconds; its button to close it has a name. */
function Notices() {
  const { t } = useTranslation("shared");
  const named = useMemo(
    () => ({
      components: {
        Notification: { defaultProps: { closeButtonProps: { "aria-label": t("close") } } },
      },
    }),
    [t],
  );
  return (
    <MantineThemeProvider theme={named}>
      <Notifications position="bottom-right" />
    </MantineThemeProvider>
  );
}

/** Says that nobody answers, for as long as nobody does. */
function ConnectionBanner() {
  const { t } = useTranslation("app");
  const isLost = useLostConnection();
  return (
    <div role="status">
      {isLost && (
        <p className={classes["banner"]}>
          <WifiOff size={15} aria-hidden />
          {t("connection.lost")}
        </p>
      )}
    </div>
  );
}
