import { describe, expect, test } from "vitest";
import { EVENTS, NEW_WEBHOOK, labelsOf, problemsOf, writtenOf } from "./webhooks";
import type { Webhook } from "./webhooks";
import en from "./locales/en.json";

const URL = "https://tickets.example/hook";

describe("the form of a webhook", () => {
  test("a new one only lacks an address", () => {
    expect(problemsOf(NEW_WEBHOOK)).toEqual({ url: "url" });
    expect(problemsOf({ ...NEW_WEBHOOK, url: URL })).toEqual({});
  });

  test.each([
    "",
    "tickets.example",
    "ftp://tickets.example/",
    "https://",
    "https://ann:secret@tickets.example/",
    "https://tickets.example/a b",
  ])("%j is no address", (url) => {
    expect(problemsOf({ ...NEW_WEBHOOK, url })).toEqual({ url: "url" });
  });

  test("it has to be told something", () => {
    expect(problemsOf({ ...NEW_WEBHOOK, url: URL, events: [] })).toEqual({ events: "events" });
  });

  test("labels are names and values", () => {
    expect(labelsOf(["team=shop", " tier = a=b "])).toEqual({ team: "shop", tier: "a=b" });
    expect(labelsOf([])).toEqual({});
    expect(labelsOf(["team"])).toBeNull();
    expect(labelsOf(["=shop"])).toBeNull();
    expect(problemsOf({ ...NEW_WEBHOOK, url: URL, labels: ["team"] })).toEqual({
      labels: "labels",
    });
  });

  test("holds what a webhook is", () => {
    const webhook = {
      url: URL,
      description: "Tickets",
      events: ["node.failed"],
      templates: ["release"],
      labels: { team: "shop" },
    } as unknown as Webhook;

    expect(writtenOf(webhook)).toEqual({
      url: URL,
      description: "Tickets",
      events: ["node.failed"],
      templates: ["release"],
      labels: ["team=shop"],
    });
  });
});

test("every event has words", () => {
  expect(Object.keys(en.webhooks.event).sort()).toEqual(
    EVENTS.map((event) => event.replace(".", "_")).sort(),
  );
});
