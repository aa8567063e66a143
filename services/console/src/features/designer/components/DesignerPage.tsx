import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaTemplateView } from "@/api/schema";
import { prepareLayout } from "@/canvas/layout";
import { written } from "@/shared/forms/yamlEdits";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { unread } from "@/shared/unread";
import { templateQuery } from "../api";
import { open } from "../drafting";
import { Designer } from "./Designer";

prepareLayout();

/** Have what nodes' forms are made of loaded before somebody looks at one, or the API is away. */
function prepareForms(): void {
  // Where it cannot be loaded now, it is when the first form is shown.
  void Promise.allSettled([
    import("@/shared/forms/SchemaFields"),
    import("@/shared/forms/CodeEditor"),
  ]);
}

/** A template's draft, opened to be drawn. */
export function DesignerPage() {
  const place = useParams({ from: "/inside/projects/$project/templates/$template/edit" });
  const { t } = useTranslation("app");
  const template = useQuery(templateQuery(place));
  const opened = useQuery({
    queryKey: ["designer", place.project, place.template, "opened"],
    queryFn: ({ client }) =>
      open(place, async () =>
        empty(await client.query({ ...templateQuery(place), staleTime: "static" })),
      ),
    // What is open is edited here: read again, it would take the place of what was changed.
    staleTime: "static",
    gcTime: 0,
  });
  const title = template.data?.title;
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · ${t("name")}`;
  }, [title, t]);
  const isOpen = opened.data !== undefined;
  useEffect(() => {
    if (isOpen) prepareForms();
  }, [isOpen]);
  const error = unread(opened, template);
  if (error !== null) {
    const again = () => {
      void template.refetch();
      void opened.refetch();
    };
    return <ProblemPanel error={error} onRetry={again} />;
  }
  if (opened.data === undefined || template.data === undefined) return <Rows />;
  return (
    <Designer
      key={`${place.project}/${place.template}`}
      place={place}
      template={template.data}
      opened={opened.data}
    />
  );
}

/** What a template begins with that nobody has written anything of. */
function empty({ key, title }: SchemaTemplateView): string {
  return written({ flowyard: 1, key, ...(title !== "" && { title }), nodes: [] });
}
