import { Anchor, Button } from "@mantine/core";
import type { AnchorProps, ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";

type Own<T> = T & Omit<ComponentProps<"a">, keyof T>;

/** A link that looks like a button: it leads somewhere, and may be opened beside. */
export const LinkButton = createLink((props: Own<ButtonProps>) => (
  <Button component="a" variant="default" {...props} />
));

/** A link within text. */
export const LinkText = createLink((props: Own<AnchorProps>) => <Anchor size="sm" {...props} />);
