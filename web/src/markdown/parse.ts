/** Markdown to a tree of plain nodes. The subset that instructions need; raw HTML stays text, so nothing can be injected. */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong"; readonly children: readonly Inline[] }
  | { readonly kind: "em"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: "image"; readonly src: string; readonly alt: string };

export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "list"; readonly isOrdered: boolean; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "table"; readonly head: readonly (readonly Inline[])[]; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: "rule" };

const MOST_DEPTH = 8;

export function parseMarkdown(source: string): Block[] {
  return blocks(source.replaceAll("\r\n", "\n").split("\n"), 0);
}

const BULLET = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;

function blocks(lines: readonly string[], depth: number): Block[] {
  const out: Block[] = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i]!;
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (line.trim() === "") i += 1;
    else if (/^```/.test(line)) i = code(lines, i, out);
    else if (heading) {
      out.push({ kind: "heading", level: heading[1]!.length, children: inlines(heading[2]!) });
      i += 1;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      out.push({ kind: "rule" });
      i += 1;
    } else if (line.startsWith(">") && depth < MOST_DEPTH) i = quote(lines, i, out, depth);
    else if (BULLET.test(line) && depth < MOST_DEPTH) i = list(lines, i, out, depth);
    else if (line.includes("|") && isDivider(lines[i + 1])) i = table(lines, i, out);
    else i = paragraph(lines, i, out);
  }
  return out;
}

function code(lines: readonly string[], start: number, out: Block[]): number {
  let end = start + 1;
  while (end < lines.length && !/^```/.test(lines[end]!)) end += 1;
  out.push({ kind: "code", text: lines.slice(start + 1, end).join("\n") });
  return end + 1;
}

function quote(lines: readonly string[], start: number, out: Block[], depth: number): number {
  let end = start;
  while (end < lines.length && lines[end]!.startsWith(">")) end += 1;
  out.push({ kind: "quote", children: blocks(lines.slice(start, end).map((l) => l.replace(/^>\s?/, "")), depth + 1) });
  return end;
}

function list(lines: readonly string[], start: number, out: Block[], depth: number): number {
  const first = BULLET.exec(lines[start]!)!;
  const indent = first[1]!.length;
  const isOrdered = first[2] !== undefined;
  const items: string[][] = [];
  let i = start;
  for (; i < lines.length; i++) {
    const line = lines[i]!;
    const bullet = BULLET.exec(line);
    const own = /^\s*/.exec(line)![0].length;
    if (bullet && bullet[1]!.length <= indent) {
      if (bullet[1]!.length < indent || (bullet[2] !== undefined) !== isOrdered) break;
      items.push([bullet[3]!]);
    } else if (line.trim() !== "" && own > indent) items.at(-1)!.push(line.slice(Math.min(own, indent + 2)));
    else if (line.trim() === "" && /^\s+\S/.test(lines[i + 1] ?? "")) items.at(-1)!.push("");
    else break;
  }
  out.push({ kind: "list", isOrdered, items: items.map((item) => blocks(item, depth + 1)) });
  return i;
}

function isDivider(line: string | undefined): boolean {
  return line !== undefined && line.includes("-") && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(line);
}

function table(lines: readonly string[], start: number, out: Block[]): number {
  const cells = (line: string): Inline[][] => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => inlines(cell.trim()));
  let end = start + 2;
  while (end < lines.length && lines[end]!.includes("|")) end += 1;
  out.push({ kind: "table", head: cells(lines[start]!), rows: lines.slice(start + 2, end).map(cells) });
  return end;
}

function paragraph(lines: readonly string[], start: number, out: Block[]): number {
  let end = start + 1;
  while (end < lines.length && lines[end]!.trim() !== "" && !/^(#{1,6}\s|```|>)/.test(lines[end]!) && !BULLET.test(lines[end]!)) end += 1;
  out.push({ kind: "paragraph", children: inlines(lines.slice(start, end).join(" ")) });
  return end;
}

/** Only web, mail and own addresses; anything else, such as javascript:, is no link. */
export function safeHref(href: string): string | null {
  return /^(https?:\/\/|mailto:|\/(?!\/)|#)/i.test(href) ? href : null;
}

/** Pictures come from this server only. */
export function safeSource(src: string): string | null {
  return /^\/(?!\/)/.test(src) ? src : null;
}

const INLINE = /`([^`]+)`|!\[([^\]]*)\]\(([^)\s]+)\)|\[([^\]]+)\]\(([^)\s]+)\)|\*\*(.+?)\*\*|__(.+?)__|\*([^*\s][^*]*)\*|(?<!\w)_([^_\s][^_]*)_(?!\w)/;

function inlines(source: string, depth = 0): Inline[] {
  const out: Inline[] = [];
  let rest = source;
  while (rest) {
    const found = depth < MOST_DEPTH ? INLINE.exec(rest) : null;
    if (!found) {
      out.push({ kind: "text", text: rest });
      break;
    }
    if (found.index > 0) out.push({ kind: "text", text: rest.slice(0, found.index) });
    out.push(inline(found, depth));
    rest = rest.slice(found.index + found[0].length);
  }
  return out;
}

function inline(found: RegExpExecArray, depth: number): Inline {
  const [whole, code, alt, src, label, href, strong1, strong2, em1, em2] = found;
  const strong = strong1 ?? strong2;
  const em = em1 ?? em2;
  if (code !== undefined) return { kind: "code", text: code };
  if (src !== undefined) {
    const safe = safeSource(src);
    return safe ? { kind: "image", src: safe, alt: alt ?? "" } : { kind: "text", text: alt ?? "" };
  }
  if (href !== undefined) {
    const safe = safeHref(href);
    return safe ? { kind: "link", href: safe, children: inlines(label!, depth + 1) } : { kind: "text", text: label! };
  }
  if (strong !== undefined) return { kind: "strong", children: inlines(strong, depth + 1) };
  if (em !== undefined) return { kind: "em", children: inlines(em, depth + 1) };
  return { kind: "text", text: whole };
}
