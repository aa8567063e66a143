/** Where the names of branches stand: on their own line, as near to their gateway as there is room. */

import type { FlowEdge, Position } from "./flow";
import type { Box, Line, Placing } from "./lines";
import { boxesOf, crosses } from "./lines";
import type { Size } from "./size";

/** Height of a branch's name, and its largest width, in pixels. */
const HEIGHT = 20;
const MOST_WIDE = 132;
/** Width of what is put onto an edge to insert something, with the gap before it. */
const INSERT = 20;
const INSERT_GAP = 3;
/** Width of letters, and of characters as wide as they are high, at the size of a name. */
const NARROW_LETTER = 6.9;
const WIDE_LETTER = 11.8;
const FRAME = 14;
/** Names that the canvas gives in the reader's language, such as "Otherwise". */
const GIVEN: Size = { width: 92, height: HEIGHT };
/** How far a name stays away from nodes and from lines. */
const CLEAR = 3;
/** How much of a line is to be seen beside a bend. */
const BEND = 10;
/** How closely places on a line are looked at. */
const STEP = 6;

/** Return how much room the name of a branch takes; null where it has none. */
export function labelSize({ label, isDefault, lacksCondition }: FlowEdge): Size | null {
  if (label === undefined) return isDefault === true || lacksCondition === true ? GIVEN : null;
  const wide = Array.from(label).reduce((sum, letter) => sum + letterWidth(letter), FRAME);
  return { width: Math.min(MOST_WIDE, Math.ceil(wide)), height: HEIGHT };
}

/** Chinese, Japanese and Korean characters are as wide as they are high. */
function letterWidth(letter: string): number {
  return (letter.codePointAt(0) ?? 0) > 0x2e7f ? WIDE_LETTER : NARROW_LETTER;
}

/**
 * Return the middle of what stands on each edge: the name of its branch, and where something can be
 * inserted if that is so.
 */
export function labelsOf(
  placing: Placing,
  lines: Readonly<Record<string, Line>>,
  isEditable: boolean,
): Readonly<Record<string, Position>> {
  const nodes = [...boxesOf(placing).values()];
  const all = Object.values(lines);
  const taken: Box[] = [];
  const places: Record<string, Position> = {};
  // What has a name chooses first: a mere button finds a place anywhere.
  for (const [edge, size] of sized(placing.flow.edges, isEditable)) {
    const line = lines[edge.id];
    if (line === undefined) continue;
    const middle = middleOf(line);
    const isAsked = labelSize(edge) !== null || hits(boxAt(middle, size), taken);
    const others = () => all.filter((other) => other !== line);
    const at = isAsked ? best(line, size, nodes, taken, others()) : middle;
    places[edge.id] = at;
    taken.push(boxAt(at, size));
  }
  return places;
}

function sized(edges: readonly FlowEdge[], isEditable: boolean): [FlowEdge, Size][] {
  const named = edges.flatMap((edge): [FlowEdge, Size][] => {
    const size = labelSize(edge);
    if (size === null) return [];
    return [[edge, { ...size, width: size.width + (isEditable ? INSERT + INSERT_GAP : 0) }]];
  });
  const bare = isEditable ? edges.filter((edge) => labelSize(edge) === null) : [];
  return [
    ...named,
    ...bare.map((edge): [FlowEdge, Size] => [edge, { width: INSERT, height: INSERT }]),
  ];
}

/** Return the first place along a line where nothing else is, or the one with least in its way. */
function best(
  line: Line,
  size: Size,
  nodes: readonly Box[],
  taken: readonly Box[],
  others: readonly Line[],
): Position {
  let found = middleOf(line);
  let least = Infinity;
  for (const at of [...placesOn(line, size), ...placesOn(line)]) {
    const box = boxAt(at, size);
    const solid = [...nodes, ...taken].filter((other) => overlaps(box, other, CLEAR)).length;
    if (SOLID * solid >= least) continue;
    const cost = SOLID * solid + others.filter((other) => passes(other, box)).length;
    if (cost < least) [least, found] = [cost, at];
    if (cost === 0) break;
  }
  return found;
}

/** Lying on a node is worse than lying on any number of lines. */
const SOLID = 1000;

/** Yield places along a line; for a size, those where so much hides none of its bends. */
function* placesOn(line: Line, size: Size = { width: 0, height: 0 }): Generator<Position> {
  for (const [index, to] of line.entries()) {
    const from = line[index - 1];
    if (from === undefined) continue;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const isAcross = Math.abs(to[0] - from[0]) > Math.abs(to[1] - from[1]);
    const room = (isAcross ? size.width : size.height) / 2 + (size.width > 0 ? BEND : 0);
    const count = Math.max(1, Math.floor(length / STEP));
    for (let step = 1; step <= count; step += 1) {
      const part = step / (count + 1);
      if (Math.min(part, 1 - part) * length < room) continue;
      yield [
        Math.round(from[0] + (to[0] - from[0]) * part),
        Math.round(from[1] + (to[1] - from[1]) * part),
      ];
    }
  }
}

function hits(box: Box, others: readonly Box[]): boolean {
  return others.some((other) => overlaps(box, other, CLEAR));
}

function passes(line: Line, box: Box): boolean {
  return line.some((to, index) => {
    const from = line[index - 1];
    return from !== undefined && crosses(from, to, box, CLEAR);
  });
}

export function boxAt([x, y]: Position, { width, height }: Size): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

export function overlaps(one: Box, other: Box, distance = 0): boolean {
  return (
    one.x < other.x + other.width + distance &&
    other.x < one.x + one.width + distance &&
    one.y < other.y + other.height + distance &&
    other.y < one.y + one.height + distance
  );
}

/** Return the middle of a line's longest stretch. */
export function middleOf(line: Line): Position {
  let longest = -1;
  let middle: Position = [0, 0];
  line.forEach(([x, y], index) => {
    const before = line[index - 1];
    if (before === undefined) return;
    const length = Math.hypot(x - before[0], y - before[1]);
    if (length <= longest) return;
    longest = length;
    middle = [(x + before[0]) / 2, (y + before[1]) / 2];
  });
  return middle;
}
