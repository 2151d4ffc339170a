import { expect, it } from "vitest";
import { ApiError } from "../../api/http";
import { Deed } from "./deed.svelte";
import { Loaded, Paged, readAll } from "./loading.svelte";

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

it("reads page after page, one at a time", async () => {
  const asked: (string | null)[] = [];
  const list = new Paged<number>(async (cursor) => {
    asked.push(cursor);
    return cursor === null ? { items: [1, 2], next_cursor: "b" } : { items: [3], next_cursor: null };
  });
  list.more();
  await settled();
  list.more();
  list.more();
  await settled();
  list.more();
  expect(list.items).toEqual([1, 2, 3]);
  expect([asked, list.isWhole]).toEqual([[null, "b"], true]);
});

it("drops what arrives for a list that was left", async () => {
  let answer: (page: { items: number[]; next_cursor: null }) => void = () => undefined;
  const list = new Paged<number>(() => new Promise((resolve) => (answer = resolve)));
  const late = answer;
  void list.restart(async () => ({ items: [9], next_cursor: null }));
  await settled();
  late({ items: [1], next_cursor: null });
  await settled();
  expect(list.items).toEqual([9]);
});

it("keeps what was read when a later reading fails", async () => {
  let fails = false;
  const one = new Loaded(async () => {
    if (fails) throw new ApiError(500, "x", "It broke.");
    return 7;
  });
  await settled();
  fails = true;
  await one.load();
  expect([one.value, one.fault]).toEqual([7, "It broke."]);
});

it("collects all pages of a short list", async () => {
  expect(await readAll<number>(async (c) => ({ items: [Number(c)], next_cursor: Number(c) < 3 ? String(Number(c) + 1) : null }))).toEqual([0, 1, 2, 3]);
});

it("does one thing at a time and keeps its faults by field", async () => {
  const deed = new Deed();
  const first = deed.run(() => settled());
  expect(await deed.run(() => settled())).toBeNull();
  expect(await first).not.toBeNull();
  await deed.run(() => Promise.reject(new ApiError(422, "invalid", "No.", [{ where: "name", what: "is too long" }])));
  expect([deed.fault, deed.faults]).toEqual(["No. name: is too long", { name: "is too long" }]);
});
