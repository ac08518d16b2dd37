import type { NodeBuilds } from '../../domain/instance/node-builds.ts';

/** A deployment that has put Node into its bucket. */
export const memoryNodeBuilds = (): NodeBuilds => ({
  link: async (arch) => ({ version: '24.0.0', sha256: '0'.repeat(64), url: `http://bucket/node-${arch}.gz` }),
});
