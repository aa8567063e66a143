import { Button } from "@mantine/core";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import { Suspense, useState } from "react";
import { lazily } from "@/shared/lazily";

const NewTemplateDialog = lazily(
  async () => (await import("./NewTemplateDialog")).NewTemplateDialog,
);

/** The way to a flow of one's own. */
export function NewTemplateButton({
  project,
  children,
  size = "xs",
}: {
  readonly project: string;
  readonly children: ReactNode;
  readonly size?: "xs" | "md";
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        size={size}
        leftSection={<Plus size={size === "xs" ? 14 : 17} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        {children}
      </Button>
      {isOpen && (
        <Suspense>
          <NewTemplateDialog project={project} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
