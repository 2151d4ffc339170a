/** A generated street and its exact boxes: something to label while no server with real pictures is at hand. */
import { deflateSync } from "node:zlib";

export const WIDTH = 1280;
export const HEIGHT = 720;

/** Numbers in [0, 1), the same for the same seed. */
export function seeded(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class Canvas {
  pixels = Buffer.alloc(WIDTH * HEIGHT * 3);

  rect(x0, y0, x1, y1, [r, g, b]) {
    for (let y = Math.max(0, y0 | 0); y < Math.min(HEIGHT, y1 | 0); y++)
      for (let x = Math.max(0, x0 | 0); x < Math.min(WIDTH, x1 | 0); x++) this.set(x, y, r, g, b);
  }

  disc(cx, cy, radius, [r, g, b]) {
    for (let y = Math.max(0, (cy - radius) | 0); y < Math.min(HEIGHT, cy + radius); y++)
      for (let x = Math.max(0, (cx - radius) | 0); x < Math.min(WIDTH, cx + radius); x++)
        if ((x - cx) ** 2 + (y - cy) ** 2 <= radius * radius) this.set(x, y, r, g, b);
  }

  set(x, y, r, g, b) {
    const i = (y * WIDTH + x) * 3;
    this.pixels[i] = r;
    this.pixels[i + 1] = g;
    this.pixels[i + 2] = b;
  }
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), out.length - 4);
  return out;
}

function crc(buffer) {
  let c = ~0;
  for (const byte of buffer) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}

function png({ pixels }) {
  const rows = Buffer.alloc((WIDTH * 3 + 1) * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) pixels.copy(rows, y * (WIDTH * 3 + 1) + 1, y * WIDTH * 3, (y + 1) * WIDTH * 3);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const parts = [chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 3 })), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...parts]);
}

/** @returns {{ png: Buffer, objects: { class_id: string, box: number[] }[] }} */
export function street(seed) {
  const random = seeded(seed);
  const c = new Canvas();
  for (let y = 0; y < 380; y++) c.rect(0, y, WIDTH, y + 1, [150 + y * 0.15, 180 + y * 0.1, 215]);
  for (let x = 0; x < WIDTH; ) {
    const w = 70 + random() * 130;
    const top = 60 + random() * 170;
    const shade = 90 + random() * 90;
    c.rect(x, top, x + w - 3, 390, [shade, shade * 0.95, shade * 0.88]);
    for (let wy = top + 14; wy < 350; wy += 30) for (let wx = x + 12; wx < x + w - 22; wx += 26) c.rect(wx, wy, wx + 13, wy + 17, random() < 0.3 ? [235, 215, 150] : [70, 85, 105]);
    x += w;
  }
  c.rect(0, 380, WIDTH, 420, [165, 163, 158]);
  c.rect(0, 420, WIDTH, HEIGHT, [78, 80, 84]);
  for (let x = 0; x < WIDTH; x += 150) c.rect(x, 552, x + 80, 560, [225, 225, 215]);
  const objects = [];
  const lanes = [445, 500, 600, 680].sort();
  for (const base of lanes) for (let i = 0; i < 2 + random() * 2; i++) {
    const w = (base - 330) * (0.75 + random() * 0.2);
    const h = w * 0.42;
    const x = random() * (WIDTH - w * 0.6);
    const color = [60 + random() * 180, 40 + random() * 160, 40 + random() * 180];
    c.rect(x, base - h * 0.72, x + w, base - h * 0.15, color);
    c.rect(x + w * 0.2, base - h, x + w * 0.78, base - h * 0.7, color.map((v) => v * 0.75));
    c.rect(x + w * 0.25, base - h * 0.93, x + w * 0.73, base - h * 0.72, [40, 52, 64]);
    for (const k of [0.2, 0.8]) c.disc(x + w * k, base - h * 0.15, h * 0.17, [22, 22, 24]);
    objects.push({ class_id: "car", box: [x, base - h, Math.min(WIDTH, x + w), base + h * 0.02] });
  }
  for (let i = 0; i < 7; i++) {
    const h = 55 + random() * 35;
    const x = random() * (WIDTH - 30);
    const base = 412;
    const color = [random() * 200, random() * 120, random() * 200];
    c.disc(x + h * 0.14, base - h * 0.9, h * 0.1, [205, 165, 140]);
    c.rect(x, base - h * 0.8, x + h * 0.28, base - h * 0.4, color);
    c.rect(x + h * 0.03, base - h * 0.4, x + h * 0.13, base, [45, 50, 70]);
    c.rect(x + h * 0.16, base - h * 0.4, x + h * 0.26, base, [45, 50, 70]);
    objects.push({ class_id: "person", box: [x, base - h, x + h * 0.28, base] });
  }
  for (let i = 0; i < 3; i++) {
    const x = 60 + random() * (WIDTH - 120);
    c.rect(x + 8, 250, x + 12, 410, [60, 60, 62]);
    if (i === 0) {
      c.disc(x + 10, 236, 18, [200, 30, 40]);
      c.disc(x + 10, 236, 12, [245, 245, 245]);
      objects.push({ class_id: "sign", box: [x - 8, 218, x + 28, 254] });
      continue;
    }
    c.rect(x, 205, x + 20, 255, [25, 25, 27]);
    [[220, 50, 40], [225, 180, 50], [60, 190, 90]].forEach((color, k) => c.disc(x + 10, 214 + k * 16, 6, k === i ? color : color.map((v) => v * 0.3)));
    objects.push({ class_id: "light", box: [x, 205, x + 20, 255] });
  }
  for (let i = 0; i < c.pixels.length; i++) c.pixels[i] = Math.max(0, Math.min(255, c.pixels[i] + (random() - 0.5) * 10));
  return { png: png(c), objects };
}
