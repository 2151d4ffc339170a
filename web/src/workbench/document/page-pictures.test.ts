import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, type Http, OfflineError } from "../../api/http";
import type { TaskItem } from "../../api/types";
import type { Tile } from "../../engine/render/pyramid";
import { loadPages } from "./page-pictures";

const SIDE_PX = 512;
const COUNT = 12;
const item = {
  kind: "document", width: SIDE_PX, height: COUNT * SIDE_PX,
  parts: Array.from({ length: COUNT }, (_, i) => ({ url: `/page/${i}`, page: { top: i * SIDE_PX, width: SIDE_PX, height: SIDE_PX } })),
} as unknown as TaskItem;
const tileOf = (page: number): Tile => ({ level: 0, x: 0, y: page });

/** Bitmaps that are open, by what they show: the address of a page, or what was drawn on a sheet. */
let open: Set<{ shows: string }>;
let drawn: string[];

beforeEach(() => {
  open = new Set();
  drawn = [];
  const surface = {
    fillRect: () => undefined,
    drawImage: (image: { shows: string }) => {
      if (!open.has(image)) throw new Error("This bitmap was given back.");
      drawn.push(image.shows);
    },
  };
  vi.stubGlobal("document", { createElement: () => ({ shows: "sheet", getContext: () => Object.assign(surface, { canvas: { shows: "sheet" } }) }) });
  vi.stubGlobal("createImageBitmap", async ({ shows }: { shows: string }) => {
    const bitmap = { shows, close: () => open.delete(bitmap) };
    open.add(bitmap);
    return bitmap;
  });
  return () => vi.unstubAllGlobals();
});

async function pages(failure: Readonly<Record<string, unknown>> = {}) {
  const asked: string[] = [];
  const blob = async (url: string): Promise<unknown> => {
    asked.push(url);
    if (failure[url]) throw failure[url];
    return { shows: url };
  };
  const picture = await loadPages({ blob } as unknown as Http, item, new AbortController().signal);
  const cut = (page: number) => picture.loadTile!(tileOf(page), new AbortController().signal);
  return { picture, cut, askedFor: (url: string) => asked.filter((other) => other === url).length };
}
const openPages = (): string[] => [...open].map((bitmap) => bitmap.shows).filter((shows) => shows.startsWith("/page"));

describe("the pictures of pages", () => {
  it("are given back when others have taken their place, and all of them with the picture", async () => {
    const { picture, cut } = await pages();
    const tiles = await Promise.all(Array.from({ length: COUNT }, (_, page) => cut(page)));
    expect(drawn.filter((shows) => !shows.includes("?"))).toHaveLength(COUNT);
    await Promise.resolve();
    expect(openPages()).toEqual([6, 7, 8, 9, 10, 11].map((page) => `/page/${page}`));
    for (const tile of tiles) tile!.close();
    picture.close();
    await new Promise((done) => setTimeout(done, 0));
    expect(open.size).toBe(0);
  });

  it("are not asked for again and again where there are none", async () => {
    const { cut, askedFor } = await pages({ "/page/3": new ApiError(404, "not_found", "It is gone.") });
    for (let i = 0; i < 3; i++) expect(await cut(3)).not.toBeNull();
    expect(askedFor("/page/3")).toBe(1);
  });

  it("are asked for again once the server is back", async () => {
    const failure: Record<string, unknown> = { "/page/3": new OfflineError("away") };
    const { cut, askedFor } = await pages(failure);
    await expect(cut(3)).rejects.toThrow("away");
    delete failure["/page/3"];
    expect(await cut(3)).not.toBeNull();
    expect(askedFor("/page/3")).toBe(2);
  });
});
