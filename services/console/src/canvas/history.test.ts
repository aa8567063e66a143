import fc from "fast-check";
import { expect, test } from "vitest";
import { begun, redone, stepped, undone } from "./history";

test("whatever was done, undoing it all and redoing it leads back", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 50 }), (states) => {
      const [first = 0, ...others] = states;
      const done = others.reduce((history, one) => stepped(history, one, null, 0), begun(first));
      const back = others.reduce((history) => undone(history), done);
      expect(back.present).toBe(first);
      expect(others.reduce((history) => redone(history), back).present).toBe(states.at(-1));
    }),
  );
});

test("steps of one kind that follow each other at once are one", () => {
  let history = stepped(begun("a"), "ab", "typing", 0);
  history = stepped(history, "abc", "typing", 1000);
  history = stepped(history, "abcd", "typing", 9000);

  expect(undone(history).present).toBe("abc");
  expect(undone(undone(history)).present).toBe("a");
});

test("a new step forgets what was taken back", () => {
  const history = stepped(undone(stepped(begun(1), 2, null, 0)), 3, null, 0);
  expect(redone(history)).toBe(history);
});

test("a step that changes nothing is none", () => {
  const history = begun("same");
  expect(stepped(history, "same", null, 0)).toBe(history);
  expect(undone(history)).toBe(history);
});

test("only the last two hundred steps are kept", () => {
  let history = begun(0);
  for (let step = 1; step <= 300; step += 1) history = stepped(history, step, null, 0);
  for (let step = 0; step < 300; step += 1) history = undone(history);
  expect(history.present).toBe(100);
});
