/** What the workbench shows for a text. */
export { default as Bar } from "./TextBar.svelte";
export { default as Status } from "./TextStatus.svelte";
export { default as View } from "./TextView.svelte";
