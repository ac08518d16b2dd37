import * as z from 'zod';
import { Lifetime } from '../container/sighting.ts';
import { quote } from './describe.ts';
import { duration } from './duration.ts';
import { containerEnv } from './env.ts';
import { type ContainerSpec, containerSpec } from './normalized.ts';
import { mustBe, type Refusals, readBy, refuseEntry } from './problem.ts';
import { setupScript } from './setup-script.ts';
import { oneOf, text } from './text.ts';
import { volumes } from './volumes.ts';

/** As CVS gives a pull of tens of gigabytes. */
export const PULL_TIMEOUT = 900;

const orNull = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? null);
const orNone = <T>(schema: z.ZodType<T[]>) => schema.nullish().transform((value) => value ?? []);

/** A word that becomes part of an engine's command line: nothing that could be taken for an option. */
const word = (what: string, pattern: RegExp) =>
  text(what).refine((written) => written.length <= 300 && pattern.test(written), {
    error: (issue) => `${quote(String(issue.input))} is not ${what}`,
  });
const list = (what: string, pattern: RegExp) =>
  orNone(
    z
      .array(word(what, pattern), { error: mustBe(`a list, each of it ${what}`) })
      .max(100, 'has more than 100 entries'),
  );

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{1,100}$/;

const args = z.strictObject(
  {
    network: orNull(word('a network such as host or bridge', /^[A-Za-z0-9][\w.:-]*$/)),
    ipc: orNull(
      word('an IPC mode such as host or private', /^(?:host|private|shareable|none|container:[\w.-]+)$/),
    ),
    privileged: orNull(z.boolean({ error: mustBe('true or false') })),
    volumes: orNone(volumes),
    devices: list('a device such as /dev/kfd', /^\/dev\/[\w./+-]+(?::\/[\w./+-]+)?(?::[rwm]{1,3})?$/),
    cap_add: list('a capability such as SYS_PTRACE', /^[A-Za-z_]+$/),
    security_opt: list('an option such as seccomp=unconfined', /^[A-Za-z][\w.-]*(?:[=:][\w./:=-]+)?$/),
    group_add: list('a group such as video', /^(?:[A-Za-z_][\w.-]*|\d{1,10})$/),
    ulimit: list('a limit such as memlock=-1', /^[a-z]+=-?\d+(?::-?\d+)?$/),
  },
  { error: mustBe('a map such as `network: host`') },
);
export const ARGS_FIELDS = Object.keys(args.shape);
const NO_ARGS = args.parse({});

const fields = z.strictObject(
  {
    lifetime: oneOf(Lifetime.options as ['no_launch', 'per_run', 'persistent'])
      .nullish()
      .transform((said) => said ?? ('per_run' as const)),
    name: orNull(word('a container name such as my-tools', NAME)),
    setup_script: orNull(setupScript),
    runtime: orNull(oneOf(['docker', 'podman', 'enroot'])),
    args: args.nullish().transform((said) => said ?? NO_ARGS),
    env: containerEnv.nullish().transform((said) => said ?? {}),
    image_tar: orNull(word('an absolute path on the instance', /^\/(?!(?:.*\/)?\.\.(?:\/|$))[^\n\0]*$/)),
    pull_timeout: duration
      .refine((seconds) => seconds > 0, 'must be more than 0')
      .nullish()
      .transform((said) => said ?? PULL_TIMEOUT),
  },
  { error: mustBe('a map such as `lifetime: per_run`') },
);
export const CONTAINER_FIELDS = Object.keys(fields.shape);

/** How the job's container is kept and started: CVS's words, in dstack's configuration. */
export const container = z
  .looseObject({}, { error: mustBe('a map such as `lifetime: persistent`') })
  .transform((written, ctx): ContainerSpec => {
    const { enabled, launch, ...rest } = written;
    refuseLegacy(ctx, 'enabled', enabled, {
      yes: 'write `lifetime: per_run`, the default',
      no: 'leave `container` and `image` out: the commands then run on the instance itself',
    });
    refuseLegacy(ctx, 'launch', launch, {
      yes: 'write `lifetime: per_run`, the default; or `persistent`, to keep it',
      no: 'write `lifetime: no_launch`',
    });
    return readBy(fields, rest, ctx, 'inside');
  })
  .pipe(containerSpec);

/** Of CVS before there were lifetimes: refused rather than understood, as one left behind could overrule `lifetime`. */
function refuseLegacy(
  ctx: Refusals,
  field: string,
  value: unknown,
  { yes, no }: { yes: string; no: string },
): void {
  if (value === undefined || value === null) return;
  const hint = value === false ? no : value === true ? yes : `${yes}; for false: ${no}`;
  refuseEntry(ctx, field, 'key', `\`${field}\` is replaced by \`lifetime\``, hint);
}
