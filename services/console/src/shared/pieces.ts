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

/** Return a description without the signs of code. */
export function plainText(description: string): string {
  return piecesOf(description)
    .map(({ text }) => text)
    .join("");
}

/** Return the first sentence of a description; all of it where it has but one. */
export function firstSentence(description: string): string {
  return /^.+?(?:。|\.(?=\s|$))/s.exec(description)?.[0] ?? description;
}
