/** The formats of the server's registry, by the names people know; a test holds this list to it. */

export const FORMATS = [
  { value: "coco", name: "COCO" },
  { value: "yolo", name: "YOLO" },
  { value: "cvat", name: "CVAT for images" },
  { value: "labelstudio", name: "Label Studio" },
  { value: "labelme", name: "LabelMe" },
  { value: "voc", name: "Pascal VOC" },
  { value: "masks", name: "PNG masks" },
  { value: "jsonl", name: "JSON lines" },
] as const;

export type FormatName = (typeof FORMATS)[number]["value"];

/** What a line of YOLO says. */
export const YOLO_VARIANTS = [
  { value: "auto", name: "As drawn" },
  { value: "detect", name: "Boxes" },
  { value: "segment", name: "Outlines" },
  { value: "obb", name: "Rotated boxes" },
  { value: "pose", name: "Keypoints" },
] as const;

export type YoloVariant = (typeof YOLO_VARIANTS)[number]["value"];
