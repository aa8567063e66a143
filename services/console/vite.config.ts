/// <reference types="vitest/config" />
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vite";

/** Smaller files gain nothing from being compressed. */
const LEAST_BYTES = 1024;
const COMPRESSIBLE = /\.(js|css|svg|json|webmanifest)$/;

/** Writes each file a second and third time, compressed once and for all instead of per request. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle)) {
        const file = path.join(options.dir ?? "", name);
        const content = readFileSync(file);
        if (!COMPRESSIBLE.test(name) || content.length < LEAST_BYTES) continue;
        const best = {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
        };
        writeFileSync(`${file}.br`, brotliCompressSync(content, { params: best }));
        writeFileSync(`${file}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}

/** What the API puts in the place of, anew in each answer: see flowyard_api/console. */
const NONCE = "{{ nonce }}";

const server = process.env["FLOWYARD_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), precompressed()],
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "src") } },
  html: { cspNonce: NONCE },
  build: {
    target: "es2023",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    // A file that is made part of another as a data: address escapes the policy for scripts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: { "/api": server, "/docs": server, "/healthz": server, "/openapi.json": server },
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    // On a machine that does other things too, the first use of a language takes seconds.
    testTimeout: 20_000,
  },
});
