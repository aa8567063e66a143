import { describe, expect, test } from "vitest";
import { Commands } from "./commands";
import { Editor } from "./model";

const TWO = `flowyard: 1
key: two
nodes:
  - {id: first, plugin: noop@1.0}
  - {id: second, name: Wait, plugin: noop@1.0}
`;

function drawing(text: string) {
  const editor = new Editor(text);
  const commands = new Commands(editor, () => null);
  editor.show({ start: [0, 0], first: [100, 0], second: [300, 40], end: [500, 0] }, "right");
  const nodes = () => editor.state().definition["nodes"];
  const ways = () => editor.state().flow.edges.map(({ source, target }) => `${source} ${target}`);
  return { editor, commands, nodes, ways };
}

describe("what is added", () => {
  test("is called as what it runs, right behind its id", () => {
    const { commands, nodes } = drawing("nodes: []");
    commands.add({ what: "plugin", plugin: "sleep@1.0", name: "Wait for a time" });
    expect(JSON.stringify(nodes())).toBe(
      '[{"id":"sleep","name":"Wait for a time","plugin":"sleep@1.0"}]',
    );
  });

  test("is numbered where another is called so", () => {
    const { commands, editor } = drawing(TWO);
    for (let count = 0; count < 2; count += 1) {
      commands.add({ what: "subflow", template: "wait", name: "Wait" });
    }
    expect(editor.state().flow.nodes.map(({ id, title }) => [id, title])).toEqual([
      ["first", "first"],
      ["second", "Wait"],
      ["wait", "Wait 2"],
      ["wait_2", "Wait 3"],
    ]);
  });

  test("has no name that says no more than its id", () => {
    const { commands, nodes } = drawing("nodes: []");
    commands.add({ what: "plugin", plugin: "sleep@1.0", name: "sleep" });
    commands.add({ what: "parallel" });
    expect(nodes()).toEqual([
      { id: "sleep", plugin: "sleep@1.0" },
      { id: "parallel", parallel: [{ next: "end" }] },
    ]);
  });
});

describe("undo and redo", () => {
  const DONE: Readonly<Record<string, (commands: Commands, editor: Editor) => void>> = {
    pasting: (commands) => commands.paste(TWO),
    cutting: (commands, editor) => {
      editor.select(new Set(["first", "second"]));
      commands.cut();
    },
    duplicating: (commands, editor) => {
      editor.select(new Set(["second"]));
      commands.duplicate();
    },
    aligning: (commands, editor) => {
      editor.select(new Set(["first", "second"]));
      commands.align("top");
    },
    moving: (commands, editor) => {
      editor.select(new Set(["first", "second"]));
      commands.nudge([20, 0]);
    },
    renaming: (commands) => commands.rename("first", "begin"),
  };
  test.each(Object.keys(DONE))("take %s back, and do it again", (name) => {
    const { commands, editor } = drawing(TWO);
    DONE[name]?.(commands, editor);
    const after = editor.text();
    expect(after).not.toBe(TWO);
    editor.undo();
    expect(editor.text()).toBe(TWO);
    expect(editor.state().canUndo).toBe(false);
    editor.redo();
    expect(editor.text()).toBe(after);
  });
});

test("what is copied in one flow is pasted into another, connected as it was", () => {
  const from = drawing(TWO);
  from.commands.selectAll();
  const into = drawing("flowyard: 1\nkey: into\nnodes:\n  - {id: first, plugin: noop@1.0}\n");
  into.editor.select(new Set(["first>"]));
  expect(into.commands.paste(from.commands.copy() ?? "")).toBe(true);
  expect(into.ways()).toEqual(["start first", "first first_2", "first_2 second", "second end"]);
});
