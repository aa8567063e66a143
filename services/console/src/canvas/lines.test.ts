import Elk from "elkjs/lib/elk.bundled.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { definitions } from "./arbitrary";
import type { Flow, Json, JsonObject, Positions } from "./flow";
import { flowOf } from "./flow";
import { boxAt, labelSize, labelsOf, overlaps } from "./labels";
import type { Direction, Drawing } from "./layout";
import { drawn } from "./layout";
import { boxesOf, crosses, linesOf } from "./lines";

const elk = () => Promise.resolve(new Elk());
/** Laying out dozens of flows takes its time where others work, too. */
const PATIENCE_MS = 30_000;
const DIRECTIONS: readonly Direction[] = ["right", "down"];

const RELEASE = {
  nodes: [
    { id: "prepare", plugin: "noop@1.0" },
    {
      id: "where",
      exclusive: [
        { name: "To production", when: "prod", next: "ask" },
        { name: "Otherwise", default: true, next: "fan" },
      ],
    },
    { id: "ask", plugin: "approval@1.0", next: "fan" },
    { id: "fan", parallel: ["one", "two"] },
    { id: "one", plugin: "noop@1.0", next: "together" },
    { id: "two", plugin: "noop@1.0" },
    { id: "together", converge: true },
  ],
};

const names = fc.constantFrom("yes", "To production", "the customer has agreed in writing", "否则");

/** Gateways with branches that go on at any of the steps behind them, each with a name. */
const gateways: fc.Arbitrary<JsonObject> = fc
  .array(
    fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), names), { minLength: 2, maxLength: 4 }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((all) => {
    const idOf = (at: number) => (at < all.length ? `g${at}` : "end");
    const nodes = all.flatMap((branches, at): Json[] => [
      {
        id: `g${at}`,
        conditional_parallel: branches.map(([far, name], index) => ({
          name,
          when: "x",
          next: index === 0 ? `s${at}` : idOf(at + far),
        })),
      },
      { id: `s${at}`, plugin: "noop@1.0", next: idOf(at + 1) },
    ]);
    return { nodes };
  });

interface Told {
  readonly crossed: readonly string[];
  readonly covered: readonly string[];
}

/** Return which lines run beneath nodes, and what names of branches lie on. */
function told(flow: Flow, { positions, routes }: Drawing, direction: Direction): Told {
  const placing = { flow, positions, direction };
  const lines = linesOf(placing, routes);
  const labels = labelsOf(placing, lines, true);
  const boxes = boxesOf(placing);
  const named = flow.edges.flatMap((edge) => {
    const size = labelSize(edge);
    const at = labels[edge.id];
    if (size === null || at === undefined) return [];
    return [{ id: edge.id, box: boxAt(at, { ...size, width: size.width + 23 }) }];
  });
  const covered = named.flatMap(({ id, box }, index) => [
    ...[...boxes].filter(([, other]) => overlaps(box, other)).map(([other]) => `${id} on ${other}`),
    ...named
      .slice(index + 1)
      .filter((other) => overlaps(box, other.box))
      .map((other) => `${id} on ${other.id}`),
    ...Object.entries(lines)
      .filter(
        ([other, line]) => other !== id && stretches(line).some(([a, b]) => crosses(a, b, box)),
      )
      .map(([other]) => `${id} on the line ${other}`),
  ]);
  const crossed = flow.edges.flatMap(({ id, source, target }) =>
    [...boxes]
      .filter(([node]) => node !== source && node !== target)
      .filter(([, box]) => stretches(lines[id] ?? []).some(([a, b]) => crosses(a, b, box)))
      .map(([node]) => `${id} beneath ${node}`),
  );
  return { crossed, covered };
}

function stretches(line: readonly (readonly [number, number])[]) {
  return line.slice(1).map((to, index) => [line[index] ?? to, to] as const);
}

const FINE: Told = { crossed: [], covered: [] };

test.each(DIRECTIONS)("names of branches lie on nothing else, laid out %s", async (direction) => {
  const flow = flowOf(RELEASE);
  expect(told(flow, await drawn(flow, { direction }, elk), direction)).toEqual(FINE);
});

test.each(DIRECTIONS)(
  "names of many branches lie on nothing else, laid out %s",
  async (direction) => {
    await fc.assert(
      fc.asyncProperty(gateways, async (definition) => {
        const flow = flowOf(definition);
        expect(told(flow, await drawn(flow, { direction }, elk), direction)).toEqual(FINE);
      }),
      { numRuns: 25 },
    );
  },
  PATIENCE_MS,
);

test(
  "whatever is drawn, no line runs beneath a node",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        definitions,
        fc.constantFrom(...DIRECTIONS),
        async (definition, direction) => {
          const flow = flowOf({ ...definition, layout: {} });
          const drawing = await drawn(flow, { direction }, elk);
          expect(told(flow, drawing, direction).crossed).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  },
  PATIENCE_MS,
);

test("what was placed by hand has its lines led round nodes, too", () => {
  const flow = flowOf(RELEASE);
  const positions: Positions = {
    start: [0, 10],
    prepare: [116, 0],
    where: [396, 4],
    ask: [620, 0],
    fan: [900, 4],
    one: [1030, -60],
    two: [1030, 60],
    together: [1310, 4],
    end: [1440, 10],
  };

  expect(told(flow, { positions, routes: {} }, "right")).toEqual(FINE);
});
