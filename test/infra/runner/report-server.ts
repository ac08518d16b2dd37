import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Bundle, Exit, GangOrder, Report, Stop } from '../../../infra/runner/contract.ts';

export type ReportServer = Awaited<ReturnType<typeof startReportServer>>;
/** How the next reports are met: `lost` records them and never answers; a number answers with that status. */
export type Manner = 'well' | 'lost' | number;

/** Sortie's side, behaving: presigned bundles, the token, offsets, stop; and made to misbehave by `meet`. */
export async function startReportServer() {
  const bundles = new Map<string, string>();
  const seen: { submission: string; authorization: string | undefined; report: Report; at: number }[] = [];
  const logs = new Map<string, Buffer[]>();
  const stops = new Map<string, Stop>();
  const exits = new Map<string, Exit[]>();
  const orders = new Map<string, (report: Report) => GangOrder | null>();
  let meet: (report: Report) => Manner = () => 'well';
  let held = Promise.resolve();
  let release = () => {};
  const token = 'token-7f3a9c';

  const server = createServer((request, response) => {
    const [, kind = '', submission = ''] = (request.url ?? '').split('/');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (kind === 'bundle') return void held.then(() => serveBundle(submission, response));
      receive(submission, request.headers.authorization, Buffer.concat(chunks).toString(), response);
    });
  });

  function serveBundle(submission: string, response: ServerResponse) {
    const bundle = bundles.get(submission.split('?')[0] ?? '');
    response.writeHead(bundle === undefined ? 404 : 200).end(bundle);
  }

  function receive(
    submission: string,
    authorization: string | undefined,
    body: string,
    response: ServerResponse,
  ) {
    const report = JSON.parse(body) as Report;
    seen.push({ submission, authorization, report, at: performance.now() });
    const manner = authorization === `Bearer ${token}` ? meet(report) : 401;
    if (typeof manner === 'number') return response.writeHead(manner).end('no');
    record(submission, report);
    if (manner === 'lost') return response.destroy();
    // As the API does: it looks at a log for the sake of a log alone.
    const answer = {
      log_offset: report.log ? offset(submission) : null,
      stop: stops.get(submission) ?? null,
      gang: orders.get(submission)?.(report) ?? null,
    };
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  const offset = (submission: string) =>
    (logs.get(submission) ?? []).reduce((sum, { length }) => sum + length, 0);

  function record(submission: string, { log, exit }: Report) {
    const kept = logs.get(submission) ?? [];
    if (log !== undefined && log.offset === offset(submission)) kept.push(outputOf(log));
    logs.set(submission, kept);
    if (exit !== undefined) exits.set(submission, [...(exits.get(submission) ?? []), exit]);
  }

  let port = 0;
  const listen = () =>
    new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen();

  return {
    seen,
    stops,
    /** What the nodes of a gang are told. */
    orders,
    token,
    listen,
    close,
    meet: (manner: (report: Report) => Manner) => {
      meet = manner;
    },
    holdBundles() {
      held = new Promise((resolve) => {
        release = resolve;
      });
    },
    releaseBundles: () => release(),
    log: (submission: string) => Buffer.concat(logs.get(submission) ?? []),
    /** Drops the tail, as a server restored from yesterday would: its offset jumps back. */
    forget: (submission: string) => logs.set(submission, []),
    exits: (submission: string) => exits.get(submission) ?? [],
    reports: (submission: string) =>
      seen.filter((one) => one.submission === submission).map(({ report }) => report),
    bundleUrl(bundle: Partial<Bundle> & Pick<Bundle, 'submission'>): string {
      const { submission } = bundle;
      const whole = {
        version: 1,
        report_url: `http://127.0.0.1:${port}/report/${submission}`,
        token,
        commands: [],
        env: {},
        shell: 'sh',
        working_dir: null,
        user: null,
        max_duration: null,
        stop_duration: 60,
        heartbeat_seconds: 30,
        container: null,
        gang: null,
        ssh: null,
        ...bundle,
      };
      bundles.set(submission, JSON.stringify(whole));
      return `http://127.0.0.1:${port}/bundle/${submission}?X-Amz-Signature=secret%2Fsignature&X-Amz-Expires=3600`;
    },
  };
}

function outputOf({ data, encoding }: NonNullable<Report['log']>): Buffer {
  const bytes = Buffer.from(data, 'base64');
  return encoding === 'gzip' ? gunzipSync(bytes) : bytes;
}
