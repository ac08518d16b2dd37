import { Hono } from 'hono';
import type { CodeUpload } from '../../domain/api/code.ts';
import type { ResolvedTask } from '../../domain/configuration/normalized.ts';
import { type Code, CodeArchive, partsOf } from '../../domain/run/code.ts';
import type { Api, Ctx, Env, Routes } from './context.ts';
import { invalidConfiguration, refuse } from './problems.ts';
import { bodyOf, fieldPath } from './request.ts';

/** Where the files of runs are stored, before the runs are submitted. */
export const codeRoutes = (api: Api): Routes =>
  new Hono<Env>().post('/', async (c) => {
    const archive = await bodyOf(c, CodeArchive);
    const { project } = c.var.caller;
    const stored = await api.code.find({ project, sha256: archive.sha256 });
    if (stored === archive.bytes) return c.json({ state: 'there' } satisfies CodeUpload);
    const upload = await api.code.uploadLink(project, archive);
    return c.json({ state: 'missing', upload } satisfies CodeUpload);
  });

/** The files that a run is submitted with, which have to be in the bucket by now. */
export async function codeOf(
  api: Api,
  c: Ctx,
  task: ResolvedTask,
  archive: CodeArchive | undefined,
): Promise<Code | null> {
  const parts = partsOf(task);
  if (parts.length === 0) {
    if (archive === undefined) return null;
    throw refuse(422, 'code-without-files', '`code` is for a configuration that names `files` or `repos`');
  }
  if (archive === undefined)
    throw invalidConfiguration([
      {
        path: fieldPath(c, task.files.length > 0 ? 'files' : 'repos'),
        message: "is of its user's machine, which the API cannot read",
        hint: 'submit it with: sortie apply -f FILE; or send the archive as POST /v1/code says',
      },
    ]);
  const stored = await api.code.find({ project: c.var.caller.project, sha256: archive.sha256 });
  if (stored === archive.bytes) return { ...archive, parts };
  throw refuse(
    422,
    'code-missing',
    `no archive of ${archive.bytes} bytes with SHA-256 ${archive.sha256} is stored: POST /v1/code says how to send it`,
  );
}
