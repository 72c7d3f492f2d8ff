import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { bundleBudget } from './bundleBudget.ts';

/** What is loaded before the first page shows, compressed; the chart comes after it. */
const FIRST_PAGE_BYTES_MAX = 128_000;
const SERVER = 'http://127.0.0.1:8000';

export default defineConfig({
  base: '/',
  plugins: [react(), bundleBudget(FIRST_PAGE_BYTES_MAX)],
  build: {
    outDir: '../src/sectorwars/api/static',
    emptyOutDir: true,
    // The page is served under `default-src 'self'`: nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/api': SERVER,
      '/ws': { target: SERVER, ws: true, rewriteWsOrigin: true },
    },
  },
  test: {
    restoreMocks: true,
    unstubGlobals: true,
  },
});
