/** The formats of the server's registry, by the names people know; a test holds this list to it. */

import { msg } from "../engine/text";
export const FORMATS = [
  { value: "coco", name: "COCO" },
  { value: "yolo", name: "YOLO" },
  { value: "cvat", name: msg`CVAT for images` },
  { value: "labelstudio", name: msg`Label Studio` },
  { value: "labelme", name: "LabelMe" },
  { value: "voc", name: msg`Pascal VOC` },
  { value: "masks", name: "PNG masks" },
  { value: "jsonl", name: "JSON lines" },
] as const;

export type FormatName = (typeof FORMATS)[number]["value"];

/** What a line of YOLO says. */
export const YOLO_VARIANTS = [
  { value: "auto", name: msg`As drawn` },
  { value: "detect", name: msg`Boxes` },
  { value: "segment", name: msg`Outlines` },
  { value: "obb", name: msg`Rotated boxes` },
  { value: "pose", name: msg`Keypoints` },
] as const;

export type YoloVariant = (typeof YOLO_VARIANTS)[number]["value"];
