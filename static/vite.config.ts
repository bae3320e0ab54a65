import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/static/",
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    // Content-Security-Policy allows fonts and scripts from our own origin alone, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    rolldownOptions: { input: { app: "src/main.tsx", pages: "src/pages.css", worker: "src/worker/worker.ts" } },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node", css: { include: [/\?raw$/] } },
});
