import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needing } from '../../../needs.ts';
import { eventually } from '../eventually.ts';
import { commandLine, environment, processes } from '../processes.ts';
import { world } from '../world.ts';
import { busyboxRoot, containerOf } from './engine.ts';
import { standIns } from './stand-in.ts';

/** Root directories and processes in them, by bubblewrap, behind the commands that Enroot has. */
const ENROOT = `here=$(dirname "$(realpath "$0")"); command=$1; shift
set_by() { eval "entries=\\"\\$entries $1=\\\\\\"\\\\\\$$1\\\\\\"\\""; }
enter() { root=$1; shift; eval "env -i PATH=/bin $entries $bwrap" '--die-with-parent --bind "$root" / --dev /dev --bind /proc /proc -- "$@"'; }
bwrap=$(command -v bwrap)
entries=
case $command in
import) case $3 in *missing*) echo "[ERROR] URL https://registry returned error code: 404 Not Found" >&2; exit 1;; esac
  [ -z "$ENROOT_CONFIG_PATH" ] || cp "$ENROOT_CONFIG_PATH/.credentials" "$here/credentials"
  echo "$3" >>"$here/imported"; echo "$3" >"$2";;
create) [ -f "$3" ] && cp -a "$here/template" "$here/data/$2";;
list) echo 'NAME       SIZE  PID    STATE  STARTED   TIME   MNTNS       USERNS      COMMAND'
  for root in "$here"/data/*; do [ -d "$root" ] || continue; name=$(basename "$root")
    pid=$(cat "$here/pids/$name" 2>/dev/null)
    if [ -n "$pid" ] && grep -q enroot "/proc/$pid/cmdline" 2>/dev/null; then echo "$name  235M  $pid  S+     05:39:23  06:54  4026533442  4026533441  -sh"; else echo "$name  235M"; fi
  done;;
start) while case $1 in --env=*) set_by "\${1#--env=}";; -*) ;; *) false;; esac; do shift; done
  name=$1; shift; echo $$ >"$here/pids/$name"; enter "$here/data/$name" "$@";;
exec) while case $1 in --env=*) set_by "\${1#--env=}";; -*) ;; *) false;; esac; do shift; done
  pid=$1; shift; name=$(basename "$(grep -lx "$pid" "$here"/pids/*)"); enter "$here/data/$name" "$@";;
remove) rm -rf "$here/data/$2" "$here/pids/$2";;
esac`;

describe('a job in a container of Enroot', needing('bubblewrap', 'busybox'), () => {
  const engine = standIns({ enroot: ENROOT });
  const at = world('sh', { path: engine.path });
  const of = (path: string) => join(engine.folder, path);
  beforeAll(() => {
    for (const folder of ['data', 'pids', 'template']) fs.mkdirSync(of(folder));
    busyboxRoot(of('template'));
    fs.mkdirSync(of('template/proc'));
    fs.mkdirSync(of('template/dev'));
  });
  afterAll(() => {
    for (const pid of processes().filter((one) => commandLine(one).includes(engine.folder)))
      process.kill(pid, 'SIGKILL');
    fs.rmSync(engine.folder, { recursive: true });
  });
  const madeHere = () => processes().filter((one) => environment(one).includes(`MADE_BY=${engine.folder}`));
  const enroot = (image: string, changes = {}) => containerOf(image, { runtime: 'enroot', ...changes });

  test('is pulled, started, set up, run and removed as with any other engine', async () => {
    const { exit, log, submission } = await at.run({
      commands: ['ls /set-up', 'pwd; echo "$MINE$INSIDE"', 'exit 3'],
      working_dir: '/tmp',
      env: { MINE: 'two\nlines', HOME: '/tmp' },
      container: enroot('registry.example/tool:1', {
        setup_script: 'touch /set-up; echo up',
        env: { INSIDE: '!', MADE_BY: engine.folder },
        registry_auth: { username: 'alice', password: 'pa55' },
      }),
    });
    expect(log).toBe('up\n/set-up\n/tmp\ntwo\nlines\n');
    expect(exit).toMatchObject({
      ...{ cause: 'commands', status: 3 },
      message: '`exit 3` (command 3 of 3) exited 3',
    });
    const parts = at.server.reports(submission).flatMap(({ stage }) => (stage ? [stage.name] : []));
    expect(parts).toEqual(['pulling', 'starting', 'setup']);
    expect(fs.readdirSync(of('data'))).toEqual([]);
    await eventually('the end of what ran in it', () => madeHere().length === 0);
    expect(fs.readFileSync(of('imported'), 'utf8')).toContain('docker://alice@registry.example#tool:1');
    expect(fs.readFileSync(of('credentials'), 'utf8')).toBe(
      'machine registry.example login alice password pa55\n',
    );
    expect(at.instance.read(submission, 'registry')).toBeNull();
  });

  test('says which image is missing', async () => {
    const { exit } = await at.run({ commands: ['true'], container: enroot('missing:1') });
    expect(exit.message).toMatch(/^image: missing:1 could not be pulled: .*404/);
  });

  test('is stopped by its marker', async () => {
    const { submission } = await at.start({
      commands: ['trap "echo bye; exit 4" TERM; echo ready; while :; do sleep 0.05; done'],
      container: enroot('tool:1'),
    });
    await at.logged(submission, 'ready');
    await at.instance.stopJob(submission, 'graceful', 'enough');
    expect(await at.delivered(submission)).toMatchObject({ cause: 'stopped', status: 4 });
    expect(fs.readdirSync(of('data'))).toEqual([]);
  });

  test('persistent is kept for the next run, which does not set it up again', async () => {
    const container = enroot('tool:1', {
      lifetime: 'persistent',
      name: 'kept',
      setup_script: 'echo up >>/set-up',
    });
    const first = await at.run({ commands: ['true'], container });
    expect(first.exit).toMatchObject({ status: 0, message: null });
    const { log, submission, exit } = await at.run({ commands: ['cat /set-up'], container });
    expect(exit).toMatchObject({ status: 0, message: null });
    expect(log).toBe('up\n');
    const ready = at.server.reports(submission).find(({ container }) => container)?.container;
    expect(ready).toMatchObject({ how: 'attached', image_id: 'tool:1' });
    expect(fs.readdirSync(of('data'))).toEqual([ready?.name]);
  });
});
