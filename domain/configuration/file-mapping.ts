import * as z from 'zod';

/** Splits `local:path`. The colon of a Windows drive (`C:\…`) does not split. */
export function splitLocal(written: string): string[] {
  const drive = /^[A-Za-z]:(?=[\\/])/.exec(written)?.[0] ?? '';
  const [first = '', ...rest] = written.slice(drive.length).split(':');
  return [drive + first, ...rest];
}

/** `train.py`, or `local/path:path/in/the/job`. */
export const fileMapping = z.string().transform((written, ctx) => {
  const [local_path = '', path = local_path, ...rest] = splitLocal(written);
  if (rest.length > 0 || local_path === '' || path === '') {
    ctx.addIssue({ code: 'custom', message: 'must be a file such as train.py or train.py:/work/train.py' });
    return z.NEVER;
  }
  return { local_path, path };
});
