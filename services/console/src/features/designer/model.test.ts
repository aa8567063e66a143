import { describe, expect, test } from "vitest";
import { remove } from "@/canvas/edit";
import { Editor } from "./model";

const TEXT = `# what it is for
flowyard: 1
key: release # short
nodes:
  # builds it
  - id: build
    plugin: noop@1.0
  # ships it
  - {id: ship, plugin: noop@1.0}
`;

function withTitle(editor: Editor, title: string): void {
  editor.setDefinition({ ...editor.state().definition, title }, "title");
}

describe("an editor", () => {
  test("writes into the text what the canvas has changed, and keeps comments", () => {
    const editor = new Editor(TEXT);
    withTitle(editor, "Release");
    expect(editor.text()).toContain("# what it is for");
    expect(editor.text()).toContain("key: release # short");
    expect(editor.text()).toContain("title: Release");
  });

  test("draws what was typed", () => {
    const editor = new Editor(TEXT);
    editor.setText(TEXT.replaceAll("ship", "send"));
    expect(editor.state().flow.nodes.map(({ id }) => id)).toEqual(["build", "send"]);
  });

  test("gives comments back with what was taken away", () => {
    const editor = new Editor(TEXT);
    editor.setFlow(remove(editor.state().flow, new Set(["ship"])));
    expect(editor.text()).not.toContain("ship");
    editor.undo();
    expect(editor.text()).toBe(TEXT);
    editor.redo();
    expect(editor.text()).not.toContain("ship");
  });

  test("keeps a text that cannot be read, shows what was last, and lets nothing be drawn", () => {
    const editor = new Editor(TEXT);
    editor.setText(`${TEXT}  - {`);
    expect(editor.text()).toBe(`${TEXT}  - {`);
    expect(editor.state().textProblems).not.toEqual([]);
    expect(editor.state().flow.nodes).toHaveLength(2);
    withTitle(editor, "Lost");
    expect(editor.text()).toBe(`${TEXT}  - {`);
    editor.setText(TEXT);
    expect(editor.state().textProblems).toEqual([]);
  });

  test("begins with a text that cannot be read", () => {
    const editor = new Editor("nodes: [");
    expect(editor.state().textProblems).not.toEqual([]);
    editor.setText("nodes: []");
    expect(editor.state().flow.edges).toHaveLength(1);
  });

  test("draws what could be read last, where it begins with a text that cannot be", () => {
    const editor = new Editor("nodes: [", TEXT);
    expect(editor.text()).toBe("nodes: [");
    expect(editor.state().flow.nodes.map(({ id }) => id)).toEqual(["build", "ship"]);
    editor.setText("nodes: []");
    expect(editor.state().flow.nodes).toEqual([]);
  });

  test("takes typing in one field back at once", () => {
    const editor = new Editor(TEXT);
    for (const title of ["R", "Re", "Rel"]) withTitle(editor, title);
    editor.undo();
    expect(editor.text()).toBe(TEXT);
    expect(editor.state().canUndo).toBe(false);
  });

  test("selects only what is there, and forgets what goes", () => {
    const editor = new Editor(TEXT);
    editor.select(new Set(["ship", "nobody", "start>"]));
    expect([...editor.state().selected]).toEqual(["ship", "start>"]);
    editor.setFlow(remove(editor.state().flow, new Set(["ship"])));
    expect([...editor.state().selected]).toEqual(["start>"]);
  });

  test("takes lines at selected nodes for a part of these", () => {
    const editor = new Editor(TEXT);
    editor.select(new Set(["start>", "build", "build>", "ship"]));
    expect([...editor.state().selected]).toEqual(["build", "ship"]);
    editor.select(new Set(["build>"]));
    expect([...editor.state().selected]).toEqual(["build>"]);
  });

  test("tells nothing of a selection that comes to the one there is", () => {
    const editor = new Editor(TEXT);
    editor.select(new Set(["build", "ship"]));
    const before = editor.state();
    editor.select(new Set(["ship", "build>", "build"]));
    expect(editor.state()).toBe(before);
    editor.select(new Set(["ship"]));
    expect([...editor.state().selected]).toEqual(["ship"]);
  });

  test("counts changes, and tells of each", () => {
    const editor = new Editor(TEXT);
    let told = 0;
    const end = editor.subscribe(() => (told += 1));
    withTitle(editor, "Release");
    editor.setText(editor.text());
    end();
    withTitle(editor, "Again");
    expect([told, editor.state().version]).toEqual([1, 2]);
  });
});
