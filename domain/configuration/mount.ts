import * as z from 'zod';

const path = z
  .string()
  .refine(
    (value) => value.startsWith('/') && !value.split('/').includes('..'),
    'must be an absolute path without `..`',
  );

const mountPoint = z.union([
  z.object({ name: z.string().min(1), path }),
  z.object({ instance_path: path, path, optional: z.boolean() }),
]);

/** `volume:/path`, or `/path/on/the/instance:/path`. */
export const mount = z
  .string()
  .transform((written, ctx) => {
    const [source = '', target, ...rest] = written.split(':');
    if (target === undefined || rest.length > 0) {
      ctx.addIssue({ code: 'custom', message: 'must be a mount such as volume:/data' });
      return z.NEVER;
    }
    return source.startsWith('/')
      ? { instance_path: source, path: target, optional: false }
      : { name: source, path: target };
  })
  .pipe(mountPoint);
