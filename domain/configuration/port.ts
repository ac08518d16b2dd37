import * as z from 'zod';

const number = z.int().min(1).max(65_535);
const mapping = z.object({ local_port: number.nullable(), container_port: number });

/** `8080` (the same on both sides), `80:8080`, or `*:8080` (any local port). */
export const port = z
  .union([z.int().transform(String), z.string()])
  .transform((written, ctx) => {
    const match = /^(?:(?<local>\d+|\*):)?(?<container>\d+)$/.exec(written);
    if (match?.groups === undefined) {
      ctx.addIssue({ code: 'custom', message: 'must be a port such as 8080 or 80:8080' });
      return z.NEVER;
    }
    const { local, container } = match.groups;
    return {
      local_port: local === '*' ? null : Number(local ?? container),
      container_port: Number(container),
    };
  })
  .pipe(mapping);
