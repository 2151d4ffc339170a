// Builds the page of the benchmark; Konva comes from a folder that the benchmark fetched it into.
export default {
  root: import.meta.dirname,
  logLevel: "warn",
  resolve: { alias: { konva: `${process.env.KONVA_DIR}/node_modules/konva` } },
  build: { outDir: process.env.PAGE_OUT, emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 2000 },
};
