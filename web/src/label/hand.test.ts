import { describe, expect, it } from "vitest";
import { makeEditor } from "../engine/testing";
import { Hand } from "./hand";

describe("what is in hand", () => {
  it("goes along to the next task: class, tool, and the tool for N", () => {
    const hand = new Hand();
    const first = makeEditor();
    hand.follow(first);
    first.setTool("polygon");
    first.setClass("car");
    const second = makeEditor();
    hand.follow(second);
    expect([second.toolId, second.classId]).toEqual(["polygon", "car"]);
    second.setTool("select");
    const third = makeEditor();
    hand.follow(third);
    expect([third.toolId, third.lastDrawing]).toEqual(["select", "polygon"]);
  });

  it("fits the class, and forgets what belonged to a moment", () => {
    const hand = new Hand();
    const first = makeEditor();
    hand.follow(first);
    first.setTool("polygon");
    first.setClass("sign");
    first.setTool("pin");
    const second = makeEditor();
    hand.follow(second);
    expect([second.toolId, second.classId]).toEqual(["box", "sign"]);
  });

  it("begins as any editor does", () => {
    const editor = makeEditor();
    new Hand().follow(editor);
    expect([editor.toolId, editor.lastDrawing]).toEqual(["select", "box"]);
  });
});
