/** The rotated box and the ellipse that fit an outline best. */
import { type Point, signedArea } from "../geometry";
import { hull } from "../shapes/path";
import { angleOf, fromOwn, toOwn, wrapped } from "../shapes/turning";
import type { EllipseGeometry, RotatedBoxGeometry } from "../types";
import type { Rings } from "./clip";

/** The smallest rectangle round all points; one of its sides lies along an edge of the convex hull (H. Freeman, R. Shapira 1975). */
export function smallestBox(points: readonly Point[]): RotatedBoxGeometry | null {
  const ring = hull(points);
  if (ring.length < 3) return null;
  let best: RotatedBoxGeometry | null = null;
  let least = Infinity;
  ring.forEach((a, i) => {
    const angle = angleOf(a, ring[(i + 1) % ring.length]!);
    const own = ring.map((p) => toOwn(p, a, angle));
    const xs = own.map((p) => p[0]);
    const ys = own.map((p) => p[1]);
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const area = (x1 - x0) * (y1 - y0);
    if (area >= least) return;
    least = area;
    best = { kind: "rotated_box", center_xy: fromOwn([(x0 + x1) / 2, (y0 + y1) / 2], a, angle), size_wh: [x1 - x0, y1 - y0], angle_deg: wrapped(angle, 360) };
  });
  return best && upright(best);
}

/** The same rectangle with the angle nearest to none. */
function upright(box: RotatedBoxGeometry): RotatedBoxGeometry {
  const quarter = Math.round(box.angle_deg / 90);
  const [w, h] = box.size_wh;
  return { ...box, angle_deg: wrapped(box.angle_deg - 90 * quarter, 360), size_wh: quarter % 2 === 0 ? [w, h] : [h, w] };
}

/** The ellipse of the same area, middle and spread (second moments by Green's theorem). */
export function momentEllipse(polygons: readonly Rings[]): EllipseGeometry | null {
  let [m, mx, my, mxx, myy, mxy] = [0, 0, 0, 0, 0, 0];
  const origin = polygons[0]?.[0]?.[0];
  if (!origin) return null;
  for (const rings of polygons) rings.forEach((ring, r) => {
    const sign = Math.sign(signedArea(ring)) * (r === 0 ? 1 : -1);
    ring.forEach((p, i) => {
      const q = ring[(i + 1) % ring.length]!;
      const [x0, y0, x1, y1] = [p[0] - origin[0], p[1] - origin[1], q[0] - origin[0], q[1] - origin[1]];
      const c = sign * (x0 * y1 - x1 * y0);
      m += c / 2;
      mx += (c * (x0 + x1)) / 6;
      my += (c * (y0 + y1)) / 6;
      mxx += (c * (x0 * x0 + x0 * x1 + x1 * x1)) / 12;
      myy += (c * (y0 * y0 + y0 * y1 + y1 * y1)) / 12;
      mxy += (c * (x0 * y1 + 2 * x0 * y0 + 2 * x1 * y1 + x1 * y0)) / 24;
    });
  });
  if (!(m > 0)) return null;
  const [cx, cy] = [mx / m, my / m];
  const [sxx, syy, sxy] = [mxx / m - cx * cx, myy / m - cy * cy, mxy / m - cx * cy];
  const middle = (sxx + syy) / 2;
  const spread = Math.hypot((sxx - syy) / 2, sxy);
  const [long, short] = [Math.sqrt(middle + spread), Math.sqrt(Math.max(1e-9, middle - spread))];
  // Moments give the shape, the area gives the size.
  const scale = Math.sqrt(m / (Math.PI * long * short));
  const angle = spread < 1e-9 ? 0 : (Math.atan2(2 * sxy, sxx - syy) / 2) * (180 / Math.PI);
  return { kind: "ellipse", center_xy: [cx + origin[0], cy + origin[1]], radii_xy: [long * scale, short * scale], angle_deg: wrapped(angle, 180) };
}
