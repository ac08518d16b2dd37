import * as z from 'zod';
import { describe } from './describe.ts';
import type { Port } from './normalized.ts';
import { mustBe, readBy, refuse } from './problem.ts';

const number = (what: string) => {
  const message = `${what} must be a whole number from 1 to 65535`;
  return z.int({ error: message }).min(1, message).max(65_535, message);
};
const fields = z.strictObject(
  { local_port: number('local_port').nullish(), container_port: number('container_port') },
  { error: mustBe('a port such as 8080 or 80:8080') },
);
export const PORT_FIELDS = Object.keys(fields.shape);

/** `8080` (the same on both sides), `80:8080`, `*:8080` (any local port), or a map of the two. */
export const port = z
  .union([z.number(), z.string(), z.looseObject({})], { error: mustBe('a port such as 8080 or 80:8080') })
  .transform((written, ctx): Port => {
    if (typeof written === 'object') {
      const { local_port, container_port } = readBy(fields, written, ctx, 'inside');
      return { local_port: local_port ?? container_port, container_port };
    }
    const match = /^(?:(?<local>\d{1,9}|\*):)?(?<container>\d{1,9})$/.exec(String(written));
    if (match?.groups === undefined)
      return refuse(ctx, `must be a port such as 8080 or 80:8080, not ${describe(written)}`);
    const { local, container } = match.groups;
    const said = {
      local_port: local === '*' ? null : Number(local ?? container),
      container_port: Number(container),
    };
    return { ...readBy(fields, said, ctx, 'here'), local_port: said.local_port };
  });

/** The ports on which a job listens, each with the one on the user's machine. */
export const ports = z
  .array(port, { error: mustBe('a list of ports', 'write [8080]') })
  .max(100, 'has more than 100 ports');
