import { describe, expect, it } from "vitest";
import { diffLines } from "./diff";
import { parseMarkdown } from "./parse";

const flat = (source: string): string => JSON.stringify(parseMarkdown(source));

describe("markdown", () => {
  it("reads what instructions use", () => {
    const kinds = parseMarkdown("# A\ntext **bold** *em* `c`\nmore\n\n- one\n  - inner\n- two\n\n1. x\n2. y\n\n> q\n\n---\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```\ncode\n```").map((b) => b.kind);
    expect(kinds).toEqual(["heading", "paragraph", "list", "list", "quote", "rule", "table", "code"]);
    expect(parseMarkdown("- one\n  - inner\n- two")[0]).toMatchObject({ items: [[{ kind: "paragraph" }, { kind: "list" }], [{ kind: "paragraph" }]] });
  });

  it("keeps HTML as text and drops dangerous addresses", () => {
    expect(flat("<script>alert(1)</script>")).toContain("<script>");
    for (const bad of ["[x](javascript:alert(1))", "[x](data:text/html,x)", "[x](//evil.example/x)", "![x](https://evil.example/x.png)"])
      expect(flat(bad)).not.toMatch(/"kind":"(link|image)"/);
    expect(flat("[x](https://example.org)")).toContain('"kind":"link"');
    expect(flat("![x](/api/v1/items/i/media)")).toContain('"kind":"image"');
  });

  it("ends on any input", () => {
    for (const odd of ["**", "`", "[](", "> > > > > > > > > > > >", "- - - - a", "|", "|\n|-", "*a **b* c**", "```", "\n\n"]) expect(parseMarkdown(odd)).toBeInstanceOf(Array);
  });
});

describe("diff", () => {
  it("shows what was added and removed", () => {
    expect(diffLines("a\nb\nc", "a\nx\nc\nd").map((l) => l.kind[0] + l.text)).toEqual(["sa", "rb", "ax", "sc", "ad"]);
    expect(diffLines("a", "a")).toEqual([{ kind: "same", text: "a" }]);
  });
});
