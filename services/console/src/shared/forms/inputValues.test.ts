import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fittingValues,
  givenText,
  groupsOf,
  localTime,
  momentOf,
  newRow,
  offsetOf,
  secretOf,
  shownValue,
  withValue,
} from "./inputValues";
import type { InputField } from "./types";

function field(name: string, more: Partial<InputField> = {}): InputField {
  return {
    name,
    type: "string",
    widget: "text",
    order: 0,
    label: name,
    help: "",
    placeholder: "",
    group: "",
    required: true,
    default: null,
    options: [],
    columns: [],
    validation: {
      pattern: null,
      pattern_message: "",
      minimum: null,
      maximum: null,
      min_length: null,
      max_length: null,
      min_items: null,
      max_items: null,
    },
    show: true,
    visible_when: null,
    depends_on: [],
    ...more,
  };
}

test("a field shows what is given, else its default", () => {
  const one = field("a", { default: "d" });

  expect(shownValue(one, {})).toBe("d");
  expect(shownValue(one, { a: "" })).toBe("");
  expect(withValue({ a: 1, b: 2 }, "a", undefined)).toEqual({ b: 2 });
});

test("an emptied field is not given, unless its default would take its place", () => {
  expect(givenText(field("a"), "")).toBeUndefined();
  expect(givenText(field("a", { default: "d" }), "")).toBe("");
  expect(givenText(field("a"), "x")).toBe("x");
});

test("what was given before is given again as far as it can be", () => {
  const fields = [
    field("a"),
    field("token", { type: "password" }),
    field("sealed", { type: "json" }),
    field("never", { show: false }),
  ];
  const before = {
    a: "x",
    gone: 1,
    token: { $secret: "TOKEN" },
    sealed: [{ $sealed: "***" }],
    never: "y",
  };

  expect(fittingValues(fields, before)).toEqual({ a: "x", token: { secret: "TOKEN" } });
  expect(secretOf({ secret: "A" })).toBe("A");
  expect(secretOf("A")).toBeNull();
});

test("groups stand in the order in which they begin, behind what is in none", () => {
  const fields = [
    field("a", { group: "Late" }),
    field("b"),
    field("c", { group: "More" }),
    field("d", { group: "Late" }),
    field("e", { show: false }),
    field("f"),
  ];

  const groups = groupsOf(fields, new Set(["f"]));

  expect(
    groups.map(({ name, fields: [...found] }) => [name, ...found.map((one) => one.name)]),
  ).toEqual([
    ["", "b"],
    ["Late", "a", "d"],
    ["More", "c"],
  ]);
});

test("a new row begins with its defaults", () => {
  expect(newRow([field("a", { default: 1 }), field("b")])).toEqual({ a: 1 });
});

describe("a moment", () => {
  test("is the same one after it was shown and read again", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1971-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }),
        (date) => {
          const whole = new Date(Math.floor(date.getTime() / 1000) * 1000);
          const again = momentOf(localTime(whole.toISOString()));

          // An hour that a clock shows twice a year is read as its first.
          expect(Math.abs(new Date(again ?? "").getTime() - whole.getTime())).toBeLessThanOrEqual(
            3_600_000,
          );
          expect(again).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
        },
      ),
    );
  });

  test("is nothing where none is written", () => {
    expect(momentOf("")).toBeUndefined();
    expect(localTime("soon")).toBe("");
    expect(localTime(5)).toBe("");
  });

  test.each([
    [60, "+01:00"],
    [-210, "-03:30"],
    [0, "+00:00"],
  ])("%i minutes from UTC are %s", (minutes, offset) => {
    expect(offsetOf(minutes)).toBe(offset);
  });
});
