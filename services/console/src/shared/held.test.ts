import { expect, test } from "vitest";
import { shownList } from "./held";

interface Item {
  readonly id: string;
  readonly text: string;
}

const idOf = (item: Item) => item.id;
const item = (id: string, text = "") => ({ id, text });

test("a list that nobody points at is shown as it is", () => {
  expect(shownList([item("a"), item("b")], null, idOf)).toEqual({
    items: [
      { item: item("a"), isGone: false },
      { item: item("b"), isGone: false },
    ],
    waiting: 0,
  });
});

test("while somebody points at it, nothing moves: what is new waits, what is gone stays", () => {
  const shown = shownList([item("new"), item("a", "now")], [item("a", "then"), item("b")], idOf);

  expect(shown).toEqual({
    items: [
      { item: item("a", "now"), isGone: false },
      { item: item("b"), isGone: true },
    ],
    waiting: 1,
  });
});
