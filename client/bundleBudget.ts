import { gzipSync } from 'node:zlib';

import type { Plugin, Rollup } from 'vite';

/** Fail a build whose first page loads more than `bytesMax` of scripts, compressed. */
export function bundleBudget(bytesMax: number): Plugin {
  return {
    name: 'bundle-budget',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
      const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
      const loaded = new Set<Rollup.OutputChunk>();
      const load = (chunk: Rollup.OutputChunk | undefined): void => {
        if (chunk === undefined || loaded.has(chunk)) return;
        loaded.add(chunk);
        chunk.imports.forEach((name) => load(byName.get(name)));
      };
      chunks.filter(({ isEntry }) => isEntry).forEach(load);
      const bytes = [...loaded].reduce((sum, { code }) => sum + gzipSync(code).byteLength, 0);
      if (bytes > bytesMax) {
        this.error(
          `the first page loads ${bytes} bytes of scripts, compressed; the budget is ${bytesMax}: ` +
            'load what is not seen first with lazy(), or raise the budget for a reason.',
        );
      }
    },
  };
}
