import * as z from 'zod';

/** The architectures that instances have, in Node's words. */
export const NodeArch = z.enum(['x64', 'arm64']);
export type NodeArch = z.infer<typeof NodeArch>;

/** A Node for an instance to fetch. `url`: of the gzipped executable, for a few minutes; `sha256`: of what it answers, in hex. */
export interface NodeLink {
  readonly version: string;
  readonly sha256: string;
  readonly url: string;
}

/** The Node that the deployment has put into its bucket; undefined: none for that architecture. */
export interface NodeBuilds {
  link(arch: NodeArch): Promise<NodeLink | undefined>;
}
