import { expect, test } from "vitest";
import { size } from "./size";

test.each([
  [0, "0 kB"],
  [140, "0.1 kB"],
  [1540, "1.5 kB"],
  [412_311, "412 kB"],
  [36_000_000, "36 MB"],
  [4_200_000_000, "4.2 GB"],
  [1_234_000_000_000, "1,234 GB"],
])("%i bytes are %s", (bytes, words) => {
  expect(size(bytes, "en")).toBe(words);
});
