import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { BundledHealth } from '../../../infra/runner/contract.ts';
import { memory } from '../../../infra/runner/supervisor/health/memory.ts';
import { eventually } from './eventually.ts';
import { newSubmission } from './instance.ts';
import { world } from './world.ts';

const tools = fs.mkdtempSync(join(tmpdir(), 'sortie-tools-'));
const at = world('sh', { path: `${tools}${delimiter}${process.env.PATH}` });
beforeEach(() => {
  for (const name of fs.readdirSync(tools)) fs.rmSync(join(tools, name));
});
afterAll(() => fs.rmSync(tools, { recursive: true }));

/** A stand-in for a vendor's tool. */
const tool = (name: string, script: string) =>
  fs.writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
const nvidiaSmi = (list: string, errors: string) =>
  tool(
    'nvidia-smi',
    `case $1 in -L) cat <<'E'\n${list}\nE\n;; --query-gpu=*) cat <<'E'\n${errors}\nE\n;; esac`,
  );
const rocmSmi = (list: string, errors: string) =>
  tool('rocm-smi', `case $1 in --showid) printf '${list}';; *) printf '${errors}';; esac`);

type Asked = Partial<Omit<BundledHealth, 'expects'>> & { expects?: Partial<BundledHealth['expects']> };
const health = ({ expects, ...asked }: Asked = {}): BundledHealth => ({
  ...{ checks: ['disk', 'memory', 'gpu'], script: null, timeout_seconds: 30, ...asked },
  expects: { memory_mib: 1024, gpus: 0, vendor: null, ...expects },
});
const run = (asked: Asked) => at.run({ commands: ['echo begun'], health: health(asked) });
const nvidia = (gpus: number): Asked => ({ checks: ['gpu'], expects: { gpus, vendor: 'nvidia' } });
const amd = (gpus: number): Asked => ({ checks: ['gpu'], expects: { gpus, vendor: 'amd' } });

const twoGpus = `GPU 0: NVIDIA A10G (UUID: GPU-aa)
  MIG 1g.5gb Device 0: (UUID: MIG-bb)
GPU 1: NVIDIA A10G (UUID: GPU-cc)`;

describe('a node that is checked', () => {
  test('says that it passed before the start, and runs the job', async () => {
    const { submission, exit, log } = await run({});
    expect(exit).toMatchObject({ cause: 'commands', status: 0 });
    expect(log).toBe('begun\n');
    const said = at.server.reports(submission).flatMap(({ stage, health, started }): unknown[] => {
      return stage ? [stage.name] : health ? [health] : started ? ['started'] : [];
    });
    expect(said).toEqual(['checking', { passed: true }, 'started']);
  });

  test('runs nothing where it fails, and tells everything that is wrong', async () => {
    const { submission, exit, log } = await run({
      ...nvidia(2),
      script: 'echo mounting\nmountpoint /no/such/place >/dev/null 2>&1 || { echo no data >&2; exit 4; }\n',
    });
    expect(exit).toMatchObject({ cause: 'health', status: null, log_bytes: 0 });
    expect(exit.message).toMatch(
      /^gpu: its offer has 2, and there is no nvidia-smi to see them by \(.*\); script: mounting; no data \(ended with status 4\)$/,
    );
    expect(log).toBe('');
    expect(at.server.reports(submission).some(({ started, health }) => started ?? health)).toBe(false);
    expect(at.instance.read(submission, 'started')).toBeNull();
    expect((await at.instance.probe()).find((one) => one.submission === submission)).toMatchObject({
      state: 'exited',
      exit: { cause: 'health' },
    });
  });

  test('is checked before its gang hears of it', async () => {
    const { submission, exit } = await at.run({
      gang: { rank: 0, size: 2 },
      health: health({ script: 'exit 1' }),
    });
    expect(exit).toMatchObject({ cause: 'health', message: 'script: ended with status 1' });
    expect(at.server.reports(submission).some(({ arrived }) => arrived)).toBe(false);
  });

  test('is given its time and no more', async () => {
    const { exit } = await run({ script: 'echo asking; sleep 600', timeout_seconds: 1 });
    expect(exit).toMatchObject({ cause: 'health', message: 'script: asking (did not end in time)' });
  });

  test('obeys a stop meanwhile', async () => {
    const submission = newSubmission();
    const url = at.server.bundleUrl({ submission, health: health({ script: 'sleep 600' }) });
    expect(await at.instance.startJob(submission, url)).toEqual({ status: 0, output: 'started' });
    await eventually('the script', () => at.instance.read(submission, 'health'));
    await at.instance.stopJob(submission, 'graceful', 'changed my mind');
    expect(await at.delivered(submission)).toMatchObject({ cause: 'stopped', message: 'changed my mind' });
  });

  test('tells its script nothing of the agent’s own', async () => {
    const { exit } = await run({ checks: [], script: 'env | grep -c AGENT_SECRET; exit 1' });
    expect(exit.message).toBe('script: 0 (ended with status 1)');
  });
});

describe('GPUs', () => {
  test.each(['0, 0\n1, 0', '0, [N/A]\n1, [N/A]', 'Field "ecc" is not a valid field to query.'])(
    'of NVIDIA that are all there, with %j errors, are well',
    async (errors) => {
      nvidiaSmi(twoGpus, errors);
      expect((await run(nvidia(2))).exit).toMatchObject({ cause: 'commands', status: 0 });
    },
  );

  test.each([
    [nvidia(4), twoGpus, '0, 0', 'gpu: nvidia-smi shows 2 of 4'],
    [nvidia(2), twoGpus, '0, 0\n1, 12', 'gpu: GPU 1 has 12 uncorrected ECC errors'],
  ])('of NVIDIA: %j of %j with %j', async (asked, list, errors, message) => {
    nvidiaSmi(list, errors);
    expect((await run(asked)).exit).toMatchObject({ cause: 'health', message });
  });

  test('whose driver does not answer are not well', async () => {
    tool('nvidia-smi', 'echo "NVIDIA-SMI has failed because it couldn\'t communicate"; exit 9');
    expect((await run(nvidia(1))).exit).toMatchObject({
      cause: 'health',
      message: "gpu: nvidia-smi: NVIDIA-SMI has failed because it couldn't communicate",
    });
  });

  const listed =
    'GPU[0]\\t\\t: Device Name: MI300X\\nGPU[0]\\t\\t: GUID: 1\\nGPU[1]\\t\\t: Device Name: MI300X\\n';
  test.each([
    [2, '  UMC  ENABLED  3  0\\n', { cause: 'commands', status: 0 }],
    [8, '', { cause: 'health', message: 'gpu: rocm-smi shows 2 of 8' }],
    [
      2,
      '  UMC  ENABLED  0  2\\n  GFX  DISABLED  0  0\\n',
      { cause: 'health', message: 'gpu: UMC has 2 uncorrectable errors' },
    ],
  ])('of AMD: %i expected, with %j', async (gpus, errors, exit) => {
    rocmSmi(listed, errors);
    expect((await run(amd(gpus))).exit).toMatchObject(exit);
  });
});

test('memory is compared with the offer on a machine that is the instance’s own alone', async () => {
  const more = 1024 * 1024 * 1024;
  expect(await memory('/somewhere/else', more)).toBeNull();
  expect(await memory('/var/lib/sortie', 1)).toBeNull();
  expect(await memory('/var/lib/sortie', more)).toMatch(/^\d+ MiB, where its offer has 1073741824$/);
});
