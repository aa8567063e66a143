import { Anchor, Code, Table, Typography } from "@mantine/core";
import type { Components } from "react-markdown";
import ReactMarkdown from "react-markdown";

/** HTML within it is shown as text, and images are not loaded: nothing comes from elsewhere. */
const PARTS: Components = {
  a: ({ href, children }) => (
    <Anchor href={href ?? ""} target="_blank" rel="noreferrer" size="sm">
      {children}
    </Anchor>
  ),
  // What is about one plugin or template stands below the page's own headings.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
  code: ({ children }) => <Code>{children}</Code>,
  img: ({ alt }) => <em>{alt}</em>,
  table: ({ children }) => <Table>{children}</Table>,
};

export function MarkdownText({ text }: { readonly text: string }) {
  return (
    <Typography fz="sm">
      <ReactMarkdown components={PARTS}>{text}</ReactMarkdown>
    </Typography>
  );
}
