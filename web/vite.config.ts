import { svelte, vitePreprocess } from "@sveltejs/vite-plugin-svelte";
import { dirname, join, relative } from "node:path";
import { defineConfig } from "vitest/config";
// @ts-expect-error a tool of the build, in plain JavaScript
import { tellingTemplates } from "./text/templates.mjs";

/** Where `npm run dev` finds the API: the mock by default, a real server by GOLDSMITH_DEV_API. */
const api = process.env["GOLDSMITH_DEV_API"] ?? "http://127.0.0.1:8787";

/** How a template imports the function that tells its text. */
const toText = (template: string): string => relative(dirname(template), join(import.meta.dirname, "src/engine/text"));

export default defineConfig({
  plugins: [svelte({ preprocess: [tellingTemplates(toText), vitePreprocess()] })],
  build: {
    outDir: process.env["GOLDSMITH_UI_OUT"] ?? "../src/goldsmith/server/static",
    emptyOutDir: true,
    target: "es2022",
    // The content security policy allows files of this origin only: nothing may be inlined into the page.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { host: "127.0.0.1", port: 5173, proxy: { "/api": { target: api, changeOrigin: false } } },
  test: { environment: "node", include: ["src/**/*.test.ts"], globals: false },
});
