import { expect, test } from "vitest";
import { safePath } from "./paths";

test.each([
  ["/projects/shop/instances?status=failed", "/projects/shop/instances?status=failed"],
  [undefined, "/"],
  ["https://elsewhere.example/", "/"],
  ["//elsewhere.example/", "/"],
  ["/\\elsewhere.example/", "/"],
  ["javascript:alert(1)", "/"],
  ["/sign-in?next=/", "/"],
])("after signing in, %s leads to %s", (wanted, path) => {
  expect(safePath(wanted)).toBe(path);
});
