import { Outlet } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useLostConnection } from "@/shared/useLostConnection";
import classes from "./app.module.css";

export function Root() {
  return (
    <Suspense>
      <ConnectionBanner />
      <Outlet />
    </Suspense>
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
