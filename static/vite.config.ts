import { defineConfig } from "vitest/config";

const ENTRY = /\/src\/main\.tsx$/;

interface Graph {
  getModuleInfo(id: string): { readonly importers: readonly string[] } | null;
}

/** Whether the first page needs a module: whether imports lead to it from the entry that nothing puts off. */
function isFirst(id: string, graph: Graph, seen = new Set<string>()): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  return (graph.getModuleInfo(id)?.importers ?? []).some((importer) => ENTRY.test(importer) || isFirst(importer, graph, seen));
}

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
    rolldownOptions: {
      input: { app: "src/main.tsx", pages: "src/pages.css", worker: "src/worker/worker.ts" },
      // What the first page needs is one file, whatever later parts share of it: cut up it would weigh more.
      output: { codeSplitting: { groups: [{ name: (id, graph) => (!/\.css(\?|$)/.test(id) && isFirst(id, graph) ? "first" : null) }] } },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node", testTimeout: 60_000, css: { include: [/\?raw$/] } },
});
