/**
 * The API as the workbench sees it, in memory: only for developing pages without the real server.
 * Everyone is signed in. DEV_COCO=folder-of-images.coco.json serves real pictures; otherwise streets are generated.
 * `kill -USR1` makes it play dead for 15 seconds. DEV_UI=folder serves a built UI under the strict policy of the real server.
 */
import { readFileSync, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join } from "node:path";
import { HEIGHT, WIDTH, seeded, street } from "./scene.mjs";

const PORT = Number(process.env.PORT ?? 8787);
const COUNT = Number(process.env.DEV_ITEMS ?? 12);
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const attribute = (attribute_id, name, kind, more = {}) => ({ attribute_id, name, kind, options: [], is_required: false, minimum: null, maximum: null, default: null, condition: null, ...more });
const option = (option_id, name) => ({ option_id, name });
const cls = (class_id, name, color, geometry_kinds, attributes = [], parent_id = null) => ({ class_id, name, color, parent_id, geometry_kinds, attributes });

const ontology = {
  classes: [
    cls("vehicle", "Vehicle", "#8b93a1", ["box", "polygon"]),
    cls("car", "Car", "#3b82f6", ["box", "polygon"], [
      attribute("type", "Type", "choice", { options: [option("sedan", "Sedan"), option("suv", "SUV"), option("van", "Van")], is_required: true }),
      attribute("parked", "Parked", "boolean"),
      attribute("lamps", "Lamps on", "multi_choice", { options: [option("head", "Head"), option("brake", "Brake"), option("turn", "Turn signal")], condition: { attribute_id: "parked", equals: [false] } }),
      attribute("doors", "Doors", "number", { minimum: 0, maximum: 6 }),
    ], "vehicle"),
    cls("truck", "Truck", "#14b8a6", ["box", "polygon"], [], "vehicle"),
    cls("person", "Pedestrian", "#f43f5e", ["box", "polygon"], [attribute("note", "Note", "text")]),
    cls("cyclist", "Cyclist", "#a855f7", ["box"]),
    cls("light", "Traffic light", "#f59e0b", ["box"], [attribute("state", "State", "choice", { options: [option("red", "Red"), option("amber", "Amber"), option("green", "Green"), option("off", "Off")], is_required: true })]),
    cls("sign", "Road sign", "#84cc16", ["box", "polygon"]),
  ],
  questions: [
    attribute("weather", "Weather", "choice", { options: [option("clear", "Clear"), option("rain", "Rain"), option("fog", "Fog")], is_required: true }),
    attribute("glare", "Lens glare", "boolean"),
  ],
};
const instructions = [
  "# Street objects\nDraw the **tightest box** around what you can see.\n\n- Every car over 20 px\n- People, also partly hidden\n\n",
  "# Street objects\nDraw the **tightest box** around *all that is visible* of each object.\n\n## What to label\n- Every vehicle wider than 12 px\n- Pedestrians, also partly hidden: mark them *occluded* (O)\n- Traffic lights: the housing, not the pole\n\n## What not to label\n1. Reflections in windows\n2. Posters and screens\n\n> When in doubt, label it and add a note.\n\n| Object | Least width |\n| --- | --- |\n| Car | 12 px |\n| Sign | 8 px |\n\nSee `Type` for the three kinds of cars.\n",
];
const workflow = { overlap: 1, lease_s: 1800, review: { mode: "all", share: 0.1, posterior_below: 0.9 }, gold_rate: 0, order: "sequence", skip_reasons: ["image is broken", "cannot tell", "not in the instructions", "harmful content"], reject_reasons: ["object missed", "wrong class", "loose shape", "extra object", "wrong attribute"], use_prelabels: true };
const project = { project_id: "prj_demo", workspace_id: "wsp_demo", name: "City streets", state: "active", ontology_version: 1, instructions_version: 2, workflow_version: 1, created_by: "mem_demo", created_ms: Date.now(), archived_ms: null, progress: { items: COUNT, states: { open: COUNT }, submissions_7d: 0, members: 3 } };
const me = { user: { user_id: "usr_demo", email: "ada@example.org", name: "Ada Lovelace" }, memberships: [{ workspace_id: "wsp_demo", workspace_name: "Demo", member_id: "mem_demo", role: "owner" }], csrf_token: "demo-token" };

const annotation = (id, class_id, box, more = {}) => ({ annotation_id: id, class_id, geometry: { kind: "box", box_xyxy: box.map((v) => Math.round(v * 100) / 100) }, attributes: {}, is_occluded: false, is_truncated: false, score: null, origin: null, group_id: null, ...more });

function cocoItems(path) {
  const coco = JSON.parse(readFileSync(path, "utf8"));
  const names = new Map(coco.categories.map((c) => [c.id, c.name]));
  const guess = { vehicle: "car", car: "car", bus: "truck", truck: "truck", person: "person", pedestrian: "person", bicycle: "cyclist", bike: "cyclist", motorcycle: "cyclist", motobike: "cyclist", "traffic light": "light", traffic_light: "light", "stop sign": "sign", traffic_sign: "sign" };
  const byImage = Map.groupBy(coco.annotations, (a) => a.image_id);
  return [...coco.images].sort((a, b) => (byImage.get(b.id)?.length ?? 0) - (byImage.get(a.id)?.length ?? 0)).slice(0, COUNT).map((image, n) => ({
    item_id: `itm_${n}`, name: image.file_name, width: image.width, height: image.height, file: join(dirname(path), image.file_name),
    objects: (byImage.get(image.id) ?? []).map(({ category_id, bbox: [x, y, w, h] }) => ({ class_id: guess[names.get(category_id)] ?? "vehicle", box: [x, y, x + w, y + h] })),
  }));
}

const items = process.env.DEV_COCO
  ? cocoItems(process.env.DEV_COCO)
  : Array.from({ length: COUNT }, (_, n) => ({ item_id: `itm_${n}`, name: `street-${String(n).padStart(4, "0")}.png`, width: WIDTH, height: HEIGHT, ...street(n + 1) }));

/** DEV_POLYGONS=10000: every task starts with that many pre-labels of 20 points, to measure drawing. */
const MANY = Number(process.env.DEV_POLYGONS ?? 0);

function manyPolygons({ width, height }) {
  const random = seeded(99);
  return { annotations: Array.from({ length: MANY }, (_, i) => {
    const [cx, cy, r] = [20 + random() * (width - 40), 20 + random() * (height - 40), 4 + random() * 14];
    const ring = Array.from({ length: 20 }, (_, k) => [cx + Math.cos(k / 3.183) * r * (0.8 + random() * 0.2), cy + Math.sin(k / 3.183) * r * (0.8 + random() * 0.2)].map((v) => Math.round(v * 100) / 100));
    return { ...annotation(`m${i}`, ["car", "truck", "person", "sign"][i % 4], [0, 0, 1, 1]), geometry: { kind: "polygon", rings: [ring] } };
  }), answers: {} };
}

const judgements = new Map();
const keys = new Map();
let tokens = 0;
let deadUntil = 0;
process.on("SIGUSR1", () => (deadUntil = Date.now() + 15_000));

function jittered(item, seed, spread) {
  const random = seeded(seed);
  const keep = item.objects.filter(() => random() > 0.12);
  return keep.map((o, i) => annotation(`s${seed}_${i}`, random() < 0.06 ? "truck" : o.class_id, [Math.max(0, o.box[0] + (random() - 0.5) * spread), Math.max(0, o.box[1] + (random() - 0.5) * spread), Math.min(item.width, o.box[2] + (random() - 0.5) * spread), Math.min(item.height, o.box[3] + (random() - 0.5) * spread)]));
}

function payload(j) {
  const item = items[j.n];
  const random = seeded(j.n + 50);
  const media = (variant) => `/api/v1/items/${item.item_id}/media?variant=${variant}`;
  const isReview = j.stage === "review";
  return {
    lease: { judgement_id: j.id, token: j.token, expires_ms: j.expires_ms, stage: j.stage },
    task: { task_id: `tsk_${j.n}`, project_id: project.project_id, state: isReview ? "review" : "open", batch_id: null },
    item: { item_id: item.item_id, name: item.name, width: item.width, height: item.height, kind: "image", metadata: { city: "Mocktown" }, media: { original: media("original"), preview: media("preview"), thumbnail: media("thumbnail") } },
    prelabel: MANY && !isReview ? manyPolygons(item) : !isReview && j.n % 2 === 1 ? { annotations: jittered(item, j.n + 900, 8).map((a) => ({ ...a, score: 0.5 + random() / 2 })), answers: {} } : null,
    draft: j.draft ?? null,
    ontology_version: 1,
    instructions_version: 2,
    review: isReview ? {
      consensus: { annotations: item.objects.map((o, i) => annotation(`c_${j.n}_${i}`, o.class_id, o.box, { score: Math.round((0.55 + random() * 0.45) * 100) / 100, attributes: o.class_id === "car" ? { type: "sedan" } : o.class_id === "light" ? { state: "red" } : {} })), answers: { weather: "clear" } },
      submissions: ["A", "B", "C"].map((author, k) => ({ submission_id: `sub_${j.n}_${k}`, author, labelling: { annotations: jittered(item, j.n * 10 + k, 10), answers: { weather: k === 2 ? "rain" : "clear" } } })),
    } : null,
  };
}

function next(stage) {
  const used = new Set([...judgements.values()].filter((j) => j.stage === stage).map((j) => j.n));
  const n = items.findIndex((_, i) => !used.has(i));
  if (n < 0) return null;
  const j = { id: `jdg_${stage}_${n}`, n, stage, token: ++tokens, expires_ms: Date.now() + 1_800_000, isOpen: true };
  judgements.set(j.id, j);
  return payload(j);
}

const problem = (status, code, detail) => ({ status, body: { type: "about:blank", title: code, status, code, detail, errors: [] } });

function lease(action, j, body) {
  if (keys.has(body.request_key)) return { status: 200, body: keys.get(body.request_key) };
  if (!j || !j.isOpen || j.token !== body.token) return problem(409, "lease_lost", "The lease ended and the task went to somebody else.");
  if (action === "renew") return { status: 200, body: { expires_ms: (j.expires_ms = Date.now() + 1_800_000) } };
  if (action === "release") return judgements.delete(j.id), { status: 204 };
  if (action === "draft") {
    if (j.draft && j.writer !== body.writer && body.after_revision !== j.draft.revision) return { status: 409, body: { ...problem(409, "version_conflict", "Another draft stands.").body, draft: j.draft } };
    j.writer = body.writer;
    j.draft = { body: body.body, revision: body.revision, saved_ms: Date.now(), log: [...(j.draft?.log ?? []).slice(0, body.log.from_line), ...body.log.lines] };
    return { status: 200, body: { revision: body.revision, saved_ms: j.draft.saved_ms } };
  }
  j.isOpen = false;
  const answer = { submission_id: `sub_${j.id}`, version: 1, task_state: "done" };
  keys.set(body.request_key, answer);
  console.log(action, j.id, JSON.stringify(body).length, "bytes", body.labelling ? `${body.labelling.annotations.length} objects` : "", body.active_ms ?? "");
  return { status: 200, body: answer };
}

function api(method, path, query, body) {
  let m;
  if (path === "/auth/me" || path === "/auth/login" || path === "/auth/link") return { status: 200, body: me };
  if (path === "/auth/logout") return { status: 204 };
  if (path.endsWith("/projects")) return { status: 200, body: { items: [project], next_cursor: null } };
  if (path === "/projects/prj_demo") return { status: 200, body: project };
  if (path.endsWith("/ontology")) return { status: 200, body: { version: 1, ontology } };
  if (path.endsWith("/instructions")) {
    const version = Number(query.get("version") ?? 2);
    return { status: 200, body: { version, instructions: instructions[version - 1] } };
  }
  if (path.endsWith("/workflow")) return { status: 200, body: { version: 1, workflow } };
  if (path.endsWith("/tasks/next")) {
    const found = next(body.stage);
    return found ? { status: 200, body: found } : { status: 204 };
  }
  if (path.endsWith("/leases")) return { status: 200, body: { items: [...judgements.values()].filter((j) => j.isOpen).map(payload), next_cursor: null } };
  if ((m = /^\/leases\/([^/]+)\/(\w+)$/.exec(path))) return lease(m[2], judgements.get(m[1]), body);
  return problem(404, "not_found", `The mock has no ${method} ${path}.`);
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

function file(response, path) {
  const ui = process.env.DEV_UI;
  if (!ui) return response.writeHead(404).end();
  const at = join(ui, path);
  const found = existsSync(at) && statSync(at).isFile() ? at : join(ui, "index.html");
  response.writeHead(200, { "Content-Type": TYPES[extname(found)] ?? "application/octet-stream", "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff" });
  response.end(readFileSync(found));
}

createServer((request, response) => {
  if (Date.now() < deadUntil) return request.socket.destroy();
  const url = new URL(request.url, "http://mock");
  if (!url.pathname.startsWith("/api/v1")) return file(response, url.pathname);
  const path = url.pathname.slice("/api/v1".length);
  const media = /^\/items\/itm_(\d+)\/media$/.exec(path);
  if (media) {
    const item = items[Number(media[1])];
    response.writeHead(200, { "Content-Type": item.file?.endsWith(".jpg") ? "image/jpeg" : "image/png", "Cache-Control": "private, max-age=3600" });
    return response.end(item.png ?? readFileSync(item.file));
  }
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const text = Buffer.concat(parts).toString();
    const { status, body } = api(request.method, path, url.searchParams, text ? JSON.parse(text) : {});
    response.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
}).listen(PORT, "127.0.0.1", () => console.log(`mock API on http://127.0.0.1:${PORT}, ${items.length} items`));
