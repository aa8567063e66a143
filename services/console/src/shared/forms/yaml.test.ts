import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "./types";
import { isSame, lineOfNode, lineOfPath, nodeAtLine, readText } from "./yaml";
import { rewritten, UnreadableTextError, written } from "./yamlEdits";

const FLOW = `\
# The release, as agreed in May.
flowyard: 1
key: release   # short
title: "Release a service"

inputs:
  # Which one
  version: {type: string, default: "1.4.2"}   # semantic
  careful: {type: boolean, default: true}

nodes:
  # First the bundle.
  - id: prepare
    name: Prepare   # shown
    plugin: http_request@1.0
    inputs:
      url: "http://127.0.0.1:9000/prepare"
      json: {image: "\${image}",
             big: 9007199254740993}
      body: |
        line one
          line two
    timeout: 30s
  # Then nothing.
  - id: rest
    plugin: sleep@1.0   # waits
    inputs: {seconds: 1e1}
`;

function read(text: string): JsonObject {
  const { definition, problems } = readText(text);
  expect(problems).toEqual([]);
  return definition ?? {};
}

type Plain = Record<string, unknown>;

function changed(change: (definition: Plain) => void): string {
  const definition = structuredClone(read(FLOW)) as Plain;
  change(definition);
  const text = rewritten(FLOW, definition as JsonObject);
  expect(read(text)).toEqual(definition);
  return text;
}

function nodesOf(definition: Plain): Plain[] {
  return definition["nodes"] as Plain[];
}

function linesOnlyIn(one: string, other: string): string[] {
  const known = new Set(other.split("\n"));
  return one.split("\n").filter((line) => !known.has(line));
}

describe("plain text means what it means to the API", () => {
  test.each([
    ["on", "on"],
    ["2026-01-31", "2026-01-31"],
    ["007", "007"],
    ["0x1f", "0x1f"],
    ["99999999999999999999", "99999999999999999999"],
    ["1e999", "1e999"],
    ["~", null],
    ["True", true],
    ["-12", -12],
    ["1e3", 1000],
    [".5", 0.5],
    ["1.", 1],
    [".inf", ".inf"],
    ["<<", "<<"],
  ])("%s", (text, value) => {
    expect(read(`a: ${text}`)).toEqual({ a: value });
  });

  test("keys are always text", () => {
    expect(read("1: a\ntrue: b\n")).toEqual({ "1": "a", true: "b" });
  });

  test.each(["a: [1", "a: 1\na: 2", "- 1", "a: !x 1", "a: 1\n---\nb: 2"])(
    "%j is no definition",
    (text) => {
      expect(readText(text).definition).toBeNull();
    },
  );

  test("what is wrong is told with its place", () => {
    expect(readText("a: 1\nb: [2\nc: 3\n").problems[0]?.line).toBeGreaterThan(1);
  });
});

describe("an edit changes only the lines that it is about", () => {
  test("of a value in one line, its comment stays", () => {
    const text = changed((flow) => {
      Object.assign(nodesOf(flow)[0] ?? {}, { name: "Prepare the bundle" });
    });

    expect(linesOnlyIn(text, FLOW)).toEqual(["    name: Prepare the bundle # shown"]);
    expect(linesOnlyIn(FLOW, text)).toEqual(["    name: Prepare   # shown"]);
  });

  test("of a new key behind the one that it follows", () => {
    const text = changed((flow) => {
      Object.assign(nodesOf(flow)[1] ?? {}, { retry: 3 });
    });

    expect(linesOnlyIn(text, FLOW)).toEqual(["    retry: 3"]);
    expect(text.trimEnd().endsWith("retry: 3")).toBe(true);
  });

  test("of a removed node, the comments of the others stay", () => {
    const text = changed((flow) => {
      nodesOf(flow).splice(1, 1);
    });

    expect(linesOnlyIn(text, FLOW)).toEqual([]);
    expect(text).toContain("# First the bundle.");
  });

  test("of nodes that change places", () => {
    const text = changed((flow) => {
      nodesOf(flow).reverse();
    });

    expect(linesOnlyIn(text, FLOW)).toEqual([]);
    expect(text).toContain("  # Then nothing.\n  - id: rest");
    expect(text).toContain("             big: 9007199254740993}");
  });

  test("of places on the canvas", () => {
    const text = changed((flow) => {
      flow["layout"] = { prepare: [10, 20], rest: [10, -30] };
    });

    expect(linesOnlyIn(text, FLOW)).toEqual([
      "layout:",
      "  prepare: [10, 20]",
      "  rest: [10, -30]",
    ]);
  });

  test("of the order of inputs, which people see", () => {
    const text = changed((flow) => {
      const { version, careful } = flow["inputs"] as Plain;
      flow["inputs"] = { careful, version };
    });

    expect(Object.keys(read(text)["inputs"] as Plain)).toEqual(["careful", "version"]);
    expect(text).toContain("# Which one");
  });

  test("of nothing at all", () => {
    expect(rewritten(FLOW, read(FLOW))).toBe(FLOW);
  });
});

test("JSON stays JSON", () => {
  const text = '{"flowyard": 1, "key": "a", "nodes": []}';

  expect(JSON.parse(rewritten(text, { ...read(text), title: "T" }))).toEqual({
    ...read(text),
    title: "T",
  });
});

test("an empty text becomes the definition, an unreadable one is left to who wrote it", () => {
  expect(read(rewritten("", { key: "a" }))).toEqual({ key: "a" });
  expect(() => rewritten("a: [", { key: "a" })).toThrow(UnreadableTextError);
});

test("a node is found by its lines, and its lines by its id", () => {
  const first = FLOW.split("\n").indexOf("  - id: prepare") + 1;

  expect(lineOfNode(FLOW, "prepare")).toBe(first);
  expect(nodeAtLine(FLOW, first + 4)).toBe("prepare");
  expect(nodeAtLine(FLOW, 1)).toBeNull();
  expect(lineOfNode(FLOW, "absent")).toBeNull();
  expect(lineOfPath(FLOW, ["nodes", 1, "inputs", "seconds"])).toBe(first + 14);
});

/** Texts that YAML takes for something else, or cannot hold as they are, among others. */
const TEXTS = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }).filter((text) => !/[\ud800-\udfff\0]/.test(text)),
  fc.constantFrom(
    "on",
    "007",
    "1e3",
    "null",
    "~",
    "- a",
    "a: b",
    "# c",
    "${x}",
    " x ",
    "a\nb\n",
    "|",
    "",
    "2026-01-31",
    "\u0085",
    "\u2028a",
    "'",
    '"',
  ),
);

const VALUES = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    TEXTS,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      TEXTS.filter((key) => key !== "__proto__" && key !== ""),
      tie("value"),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
  ),
})).value;

const DEFINITIONS = fc.record(
  {
    key: TEXTS,
    inputs: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), VALUES, {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    nodes: fc.array(
      fc.record(
        { id: fc.stringMatching(/^[a-e]$/), name: TEXTS, inputs: VALUES },
        { requiredKeys: ["id"], noNullPrototype: true },
      ),
      { maxLength: 5 },
    ),
  },
  { noNullPrototype: true },
) as fc.Arbitrary<JsonObject>;

test("whatever is written anew means what was meant", () => {
  fc.assert(
    fc.property(DEFINITIONS, (definition) => {
      expect(isSame(readText(written(definition)).definition, definition)).toBe(true);
    }),
  );
});

test("whatever becomes of a definition, its text becomes that", () => {
  fc.assert(
    fc.property(DEFINITIONS, DEFINITIONS, (before, after) => {
      const text = rewritten(written(before), after);

      expect(isSame(readText(text).definition, after)).toBe(true);
      expect(rewritten(text, after)).toBe(text);
    }),
  );
});

const COMMENTS = fc.array(fc.stringMatching(/^[a-z]{3,8}$/), { minLength: 8, maxLength: 8 });

test("comments of nodes that stay are kept, whatever happens to the others", () => {
  fc.assert(
    fc.property(
      COMMENTS,
      fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { maxLength: 8 }),
      fc.integer({ min: 0, max: 7 }),
      TEXTS,
      (comments, kept, edited, name) => {
        const text = `key: a\nnodes:\n${comments
          .map(
            (comment, at) =>
              `  # before ${comment}${at}\n  - id: n${at} # beside ${comment}${at}\n    name: x\n`,
          )
          .join("")}`;
        const nodes = kept.map((at) => ({ id: `n${at}`, name: at === edited ? name : "x" }));

        const result = rewritten(text, { key: "a", nodes });

        expect(readText(result).definition).toEqual({ key: "a", nodes });
        for (const at of kept) {
          expect(result).toContain(`# beside ${comments[at] ?? ""}${at}`);
          // What stands above the first node belongs to the list, and stays even without it.
          expect(result).toContain(`# before ${comments[at] ?? ""}${at}`);
        }
      },
    ),
  );
});
