import { Skeleton } from "@mantine/core";
import { Suspense } from "react";
import { lazily } from "@/shared/lazily";

const MarkdownText = lazily(async () => (await import("./MarkdownText")).MarkdownText);

/** A text in Markdown; what draws it is loaded when the first one is shown. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <Suspense fallback={<Skeleton height={40} radius={4} />}>
      <MarkdownText text={text} />
    </Suspense>
  );
}
