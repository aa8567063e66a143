import { expect, test } from "vitest";
import { EventReader } from "./stream";

const STREAM = `: open

event: snapshot
id: 3
data: {"revision":3}

: still here

event: change
id: 4
data: {"a":
data: 1}

`;

function read(pieces: readonly string[]) {
  const reader = new EventReader();
  return pieces.flatMap((piece) => reader.read(piece));
}

test("events are the same however the stream is cut", () => {
  const whole = read([STREAM]);

  expect(whole).toEqual([
    { name: "snapshot", id: "3", data: '{"revision":3}' },
    { name: "change", id: "4", data: '{"a":\n1}' },
  ]);
  for (let size = 1; size < STREAM.length; size += 1) {
    const pieces = STREAM.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
    expect(read(pieces)).toEqual(whole);
  }
});

test("what is not whole yet is no event", () => {
  expect(read(["event: change\ndata: 1\n"])).toEqual([]);
});
