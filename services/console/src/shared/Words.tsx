import { Code } from "@mantine/core";
import { piecesOf } from "./pieces";

/** A description, with what is code in it as such. */
export function Words({ text }: { readonly text: string }) {
  return piecesOf(text).map((piece, index) =>
    piece.isCode ? <Code key={index}>{piece.text}</Code> : piece.text,
  );
}
