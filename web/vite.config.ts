import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the API: the mock by default, a real server by GOLDSMITH_DEV_API. */
const api = process.env["GOLDSMITH_DEV_API"] ?? "http://127.0.0.1:8787";

export default defineConfig({
  plugins: [svelte()],
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
