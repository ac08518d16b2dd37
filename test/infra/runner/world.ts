import { afterAll, beforeAll } from 'vitest';
import type { Bundle, Exit } from '../../../infra/runner/contract.ts';
import { eventually } from './eventually.ts';
import { type Instance, newSubmission, type Ran, startInstance } from './instance.ts';
import { type ReportServer, startReportServer } from './report-server.ts';

export type Job = { submission: string; answer: Ran };

/** One instance and one server for a test file, and the steps its tests are told in. */
export function world(shellOfImage?: 'sh' | 'bash', machine?: Parameters<typeof startInstance>[1]) {
  let instance: Instance;
  let server: ReportServer;
  beforeAll(async () => {
    instance = await startInstance(shellOfImage, machine);
    server = await startReportServer();
  });
  afterAll(async () => {
    instance.remove();
    await server.close();
  });

  async function start(bundle: Partial<Bundle>, on: Instance = instance): Promise<Job> {
    const submission = newSubmission();
    const answer = await on.startJob(submission, server.bundleUrl({ submission, ...bundle }));
    return { submission, answer };
  }

  /** The exit as the server has it, which came after the whole log. */
  const delivered = (submission: string): Promise<Exit> =>
    eventually(`exit report of ${submission}`, () => server.exits(submission)[0]);

  return {
    get instance() {
      return instance;
    },
    get server() {
      return server;
    },
    start,
    delivered,
    logged: (submission: string, text: string) =>
      eventually(`'${text}' in the log of ${submission}`, () => server.log(submission).includes(text)),
    started: (submission: string) =>
      eventually(`the start of ${submission}`, () =>
        server.reports(submission).some(({ started }) => started),
      ),
    async run(bundle: Partial<Bundle>): Promise<{ submission: string; exit: Exit; log: string }> {
      const { submission } = await start(bundle);
      const exit = await delivered(submission);
      return { submission, exit, log: server.log(submission).toString() };
    },
  };
}
