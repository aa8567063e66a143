import { describe, expect, test } from "vitest";
import { renamed } from "./rename";

const DOCUMENT = {
  flowyard: 1,
  key: "release",
  title: "nodes.build.image is for people",
  nodes: [
    { id: "build", name: "nodes.build", plugin: "noop@1.0" },
    { id: "ask", exclusive: [{ when: "nodes.build.ok and mynodes.build", next: "build" }] },
    { id: "use", plugin: "noop@1.0", inputs: { a: ["${nodes['build'].x}", "${nodes.builder.x}"] } },
    { id: "both", parallel: ["build", { next: "build", name: "b" }], next: "build" },
  ],
  layout: { build: [1, 2] },
  schemes: { quick: { keeps: ["build", "use"] } },
};

describe("a node that gets another id", () => {
  test("is called so wherever it is named", () => {
    expect(renamed(DOCUMENT, "build", "make")).toEqual({
      flowyard: 1,
      key: "release",
      title: "nodes.build.image is for people",
      nodes: [
        { id: "make", name: "nodes.build", plugin: "noop@1.0" },
        { id: "ask", exclusive: [{ when: "nodes.make.ok and mynodes.build", next: "make" }] },
        { id: "use", plugin: "noop@1.0", inputs: { a: ["${nodes.make.x}", "${nodes.builder.x}"] } },
        { id: "both", parallel: ["make", { next: "make", name: "b" }], next: "make" },
      ],
      layout: { make: [1, 2] },
      schemes: { quick: { keeps: ["make", "use"] } },
    });
  });

  test("with a hyphen is quoted in expressions", () => {
    const found = renamed({ nodes: [{ id: "a" }], outputs: { o: "${nodes.a.x}" } }, "a", "a-1");
    expect(found?.["outputs"]).toEqual({ o: '${nodes["a-1"].x}' });
  });

  test.each(["use", "start", "end", "", "two words", "ä"])("is not called %j", (id) => {
    expect(renamed(DOCUMENT, "build", id)).toBe(null);
  });

  test("that is the old one stays as it is", () => {
    expect(renamed(DOCUMENT, "build", "build")).toBe(DOCUMENT);
  });
});
