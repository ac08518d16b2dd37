import { appendFileSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { InstanceList } from '../../domain/api/instance.ts';
import { RunDetail } from '../../domain/api/run.ts';
import { type EmbeddedSortie, startEmbedded } from '../../infra/local/embedded-sortie.ts';
import { run, temporaryFolder } from '../conformance/tools/process.ts';
import { pinned, virtualEnvironment } from '../conformance/tools/python.ts';
import type { Fuzzing } from './fuzzing.ts';

const REQUIREMENTS = fileURLToPath(new URL('./requirements.txt', import.meta.url));
const SETTINGS = fileURLToPath(new URL('./schemathesis.toml', import.meta.url));
const SEED = 1;
/** For each operation, beside those that cover its schema. */
const RANDOM_CASES = 40;
const LEAST_CASES = 2_000;

const Report = z.object({ test_cases: z.object({ generated: z.int() }) });

/**
 * schemathesis on the OpenAPI document, against an embedded Sortie of its own that has a run, a fleet and an instance: no answer
 * is a 5xx, each has a status, a type and a body that the document has, and what the document refuses is refused.
 */
export const api: Fuzzing = {
  name: 'api',
  async run() {
    const programs = await virtualEnvironment('schemathesis', REQUIREMENTS);
    const folder = temporaryFolder('fuzz');
    const sortie = await startEmbedded({ port: 0, dataDir: join(folder, 'data') });
    try {
      const names = await given(sortie);
      const settings = join(folder, 'schemathesis.toml');
      copyFileSync(SETTINGS, settings);
      appendFileSync(settings, namesIn(names));
      const report = join(folder, 'report.json');
      const { status, stdout, stderr } = await run(
        join(programs, 'st'),
        [
          ...['--config-file', settings, 'run', `${sortie.url}/v1/openapi.json`],
          ...['--header', `Authorization: Bearer ${sortie.token}`],
          ...['--seed', String(SEED), '--max-examples', String(RANDOM_CASES), '--continue-on-failure'],
          ...['--warnings', 'off', '--report', 'json', '--report-json-path', report],
        ],
        { cwd: folder, env: { NO_COLOR: '1' } },
      );
      const { generated } = Report.parse(JSON.parse(readFileSync(report, 'utf8'))).test_cases;
      const findings = status === 0 ? [] : (stdout + stderr).split('\n');
      if (generated < LEAST_CASES) findings.push(`${generated} cases were generated, not ${LEAST_CASES}`);
      const tool = `schemathesis ${pinned('schemathesis', REQUIREMENTS)}`;
      return { tried: `${tool}: ${generated} cases from seed ${SEED}`, findings };
    } finally {
      await sortie.close('end');
    }
  },
};

/** A run that is done, its instance, and a run that waits: what comes after them is never launched, since it may be anything. */
async function given({ url, token, aws }: EmbeddedSortie): Promise<Record<string, readonly string[]>> {
  const call = async (path: string, body?: string): Promise<unknown> => {
    const answer = await fetch(url + path, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/yaml' },
      ...(body !== undefined && { method: 'POST', body }),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const submit = async (text: string) => RunDetail.parse(await call('/v1/runs', text));
  const done = await submit(
    'type: task\nname: done\ncommands: [echo hello]\nresources: {cpu: 2, memory: 1GB..}\n',
  );
  while (RunDetail.parse(await call(`/v1/runs/${done.id}`)).status !== 'done') await pause(100);
  const refused = aws.faults.change({ capacity: [{}] });
  if (!refused.ok) throw new Error(refused.error);
  const waiting = await submit('type: task\nname: waiting\ncommands: [echo hello]\nresources: {cpu: 4}\n');
  const { instances } = InstanceList.parse(await call('/v1/instances'));
  return {
    'path.run': [done.id, 'done', waiting.id, 'waiting'],
    'path.name': ['default', 'no-such-fleet'],
    'path.id': instances.map(({ id }) => id),
  };
}

/** One half of the values of a parameter are names of what is there. */
const namesIn = (names: Record<string, readonly string[]>): string =>
  Object.entries(names)
    .map(([, values], n) => `\n[dictionaries.names${n}]\nvalues = ${JSON.stringify(values)}\n`)
    .join('') +
  `\n[parameters]\n${Object.keys(names)
    .map((parameter, n) => `"${parameter}" = { dictionary = "names${n}", probability = 0.5 }\n`)
    .join('')}`;
