/** What the workbench shows for a document that nothing is drawn on. */
export { default as Status } from "./DocumentStatus.svelte";
export { default as View } from "./DocumentView.svelte";
