import { expect, test } from "vitest";
import { approvalOf } from "./approval";
import { attempt, node } from "./made";

test("an open decision says what is asked, whom, and until when", () => {
  const asked = approvalOf(
    node("ask", {
      reason: "approval",
      attempts: [
        attempt(1, {
          inputs: { message: "Go on?", approvers: ["ops", 1] },
          wait_until: "2026-03-04T13:00:00Z",
        }),
      ],
    }),
  );

  expect(asked).toMatchObject({
    message: "Go on?",
    approvers: ["ops"],
    until: "2026-03-04T13:00:00Z",
    decision: null,
  });
});

test("a decision that was made says who made it", () => {
  const outputs = { approved: true, actor: "ada", comment: "fine" };

  expect(approvalOf(node("ask", { attempts: [attempt(1, { outputs })] })).decision).toEqual({
    isApproved: true,
    actor: "ada",
    comment: "fine",
  });
});

test("a no that fails its node is known by its code", () => {
  const failure = { code: "rejected", message: "ada rejected it." };

  expect(
    approvalOf(node("ask", { attempts: [attempt(1, { failure })] })).decision?.isApproved,
  ).toBe(false);
});

test("a node that is asked again does not show the answer of before", () => {
  const again = node("ask", {
    reason: "approval",
    outputs: { approved: true },
    attempts: [attempt(1, { outputs: { approved: true } }), attempt(2)],
  });

  expect(approvalOf(again).decision).toBeNull();
});
