import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@/shared/styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ME_KEY, signIn } from "@/api/session";
import { App } from "@/app/App";
import { tokenOf } from "@/app/entry";
import { startTexts } from "@/app/i18n";
import { newQueryClient } from "@/app/queries";
import { newRouter } from "@/app/router";

async function enter(): Promise<void> {
  const token = tokenOf(location.hash);
  if (token === null) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  // Refused, it leads to the sign-in page as no token does.
  await signIn(token).catch(() => undefined);
}

async function main(): Promise<void> {
  const place = document.getElementById("root");
  if (place === null) throw new Error("Expected an element #root, but there is none");
  await Promise.all([enter(), startTexts()]);
  const queries = newQueryClient(() => void leave());
  const router = newRouter(queries);
  const leave = async () => {
    queries.removeQueries({ queryKey: ME_KEY });
    await router.invalidate();
  };
  createRoot(place).render(
    <StrictMode>
      <App queries={queries} router={router} />
    </StrictMode>,
  );
}

void main();
