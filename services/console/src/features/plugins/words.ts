/** Descriptions in schemas: text with code between backticks. */

export interface Piece {
  readonly isCode: boolean;
  readonly text: string;
}

/** Return a description's pieces in their order; what is not closed is text. */
export function piecesOf(description: string): readonly Piece[] {
  return description
    .split(/(`+[^`]+`+)/)
    .filter((piece) => piece !== "")
    .map((piece) => {
      const isCode = /^`+[^`]+`+$/.test(piece);
      return { isCode, text: isCode ? piece.replaceAll("`", "") : piece };
    });
}
