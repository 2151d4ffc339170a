import { describe, expect, it } from "vitest";
import { OfflineError } from "../api/http";
import { PersonalKeys } from "../workbench/keys.svelte";
import { Preferences } from "./preferences.svelte";

/** A server with one account, and computers that may lose the connection. */
function world() {
  const server: { values: Record<string, unknown>; isAway: boolean; writes: number } = { values: {}, isAway: false, writes: 0 };
  const answer = async <T>(give: () => T): Promise<T> => {
    if (server.isAway) throw new OfflineError("away");
    return give();
  };
  function computer(userId = "usr_1") {
    const kept = new Map<string, string>();
    const timers: (() => void)[] = [];
    const ports = {
      read: () => answer(() => ({ ...server.values })),
      change: (changes: Readonly<Record<string, unknown>>) => answer(() => {
        server.writes += 1;
        return Object.assign(server.values, structuredClone(changes));
      }),
      userId: () => userId,
      storage: { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) },
      later: (_ms: number, run: () => void) => {
        timers.push(run);
        return () => void timers.splice(timers.indexOf(run), 1);
      },
    };
    const settle = async (): Promise<void> => {
      for (const run of timers.splice(0)) run();
      await new Promise((done) => setTimeout(done, 0));
    };
    return { open: () => new Preferences(ports), settle, timers };
  }
  return { server, computer };
}

describe("preferences", () => {
  it("follow a person to another computer", async () => {
    const { computer } = world();
    const here = computer();
    const preferences = here.open();
    await preferences.load();
    preferences.set("view", { grid: true });
    await here.settle();
    const there = computer().open();
    await there.load();
    expect(there.get("view")).toEqual({ grid: true });
  });

  it("are at hand without the server, and reach it later beside what others wrote", async () => {
    const { server, computer } = world();
    const here = computer();
    const first = here.open();
    await first.load();
    server.isAway = true;
    first.set("view", 1);
    await here.settle();
    const reopened = here.open();
    await reopened.load();
    expect(reopened.get("view")).toBe(1);
    server.isAway = false;
    server.values = { keys: "from elsewhere", view: 0 };
    await reopened.load();
    await here.settle();
    expect(server.values).toEqual({ keys: "from elsewhere", view: 1 });
    expect(reopened.get("keys")).toBe("from elsewhere");
  });

  it("go to the server once for many changes", async () => {
    const { server, computer } = world();
    const here = computer();
    const preferences = here.open();
    await preferences.load();
    for (let i = 0; i < 20; i++) preferences.set("n", i);
    await here.settle();
    expect([server.values["n"], server.writes]).toEqual([19, 1]);
  });

  it("are not shown to the next person at this computer", async () => {
    const { computer } = world();
    const first = computer("usr_1").open();
    await first.load();
    first.set("keys", 1);
    const second = computer("usr_2").open();
    await second.load();
    expect(second.get("keys")).toBeUndefined();
  });
});

describe("a person's keys", () => {
  const action = (id: string) => ({ id, name: id, group: "", scope: "label" as const, run: () => undefined });

  it("come from the preset and the own changes", async () => {
    const { computer } = world();
    const keys = new PersonalKeys(computer().open());
    await keys.load();
    keys.choose("cvat");
    keys.rebind("tool.box", ["g b"]);
    const map = keys.mapFor([action("tool.box"), action("task.submit")], 20);
    expect([map.preset.name, map.keysOf("tool.box"), map.keysOf("task.submit")]).toEqual(["CVAT", ["g b"], ["f", "ctrl+enter"]]);
    keys.reset();
    expect(keys.isChanged("tool.box")).toBe(false);
  });

  it("are written out and read in again", async () => {
    const { computer } = world();
    const keys = new PersonalKeys(computer().open());
    await keys.load();
    keys.choose("labelme");
    keys.rebind("tool.box", ["w"]);
    const text = keys.exported();
    const other = new PersonalKeys(computer("usr_2").open());
    await other.load();
    expect([other.import("{"), other.import("{}"), other.import(text)]).toEqual([false, false, true]);
    expect([other.preset.name, other.changes]).toEqual(["LabelMe", { "tool.box": ["w"] }]);
  });

  it("let 0 fit the picture where it is free", () => {
    const keys = new PersonalKeys(world().computer().open());
    expect(keys.mapFor([action("view.fit")], 3).keysOf("view.fit")).toEqual(["f", "0"]);
    expect(keys.mapFor([action("view.fit"), action("class.10")], 10).keysOf("view.fit")).toEqual(["f"]);
  });

  it("remember what was used last, newest first", async () => {
    const keys = new PersonalKeys(world().computer().open());
    for (const id of ["a", "b", "a"]) keys.used(id);
    expect(keys.recent).toEqual(["a", "b"]);
  });
});
