import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesIn } from '../end-to-end/fixtures/data-folder.ts';
import { embeddedForFile } from '../end-to-end/fixtures/embedded.ts';
import { needing } from '../needs.ts';

const on = embeddedForFile();

/** What a program prints that runs as nobody, on the same machine. */
function asNobody(command: string, ...parameters: string[]): Promise<string> {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  const env = { PATH: process.env['PATH'] ?? '' };
  return new Promise((resolve) => {
    execFile('setpriv', [...nobody, command, ...parameters], { env, cwd: '/' }, (_, stdout) =>
      resolve(stdout),
    );
  });
}

/** The ports on which this Sortie listens, with all of its processes, as /proc shows them to everybody. */
function listening(): number[] {
  const own = [process.pid, ...processesStartedOn(on.dataDir)];
  const inodes = new Set(own.flatMap(socketsOf));
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      return state === '0A' && inodes.has(inode) ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
    });
}

const processesStartedOn = (folder: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`))
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder));

const socketsOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const file = `/proc/${pid}/fd/${fd}`;
    return existsSync(file) || lstatSync(file, { throwIfNoEntry: false })
      ? (/^socket:\[(\d+)\]$/.exec(readlinkSync(file))?.[1] ?? [])
      : [];
  });

test('another user reads no file of the data folder, and cannot list it', needing('root'), async () => {
  expect(await asNobody('id', '-u')).toBe('65534\n');
  expect(await asNobody('ls', on.dataDir)).toBe('');
  const files = ['token', 'credentials', 'aws.db', 'dynamodb.db', 'endpoints.json'];
  expect(readdirSync(on.dataDir)).toEqual(expect.arrayContaining(files));
  for (const file of filesIn(on.dataDir)) expect(await asNobody('cat', file), file).toBe('');
  for (const file of readdirSync(on.dataDir).map((name) => join(on.dataDir, name)))
    if (statSync(file).isFile()) expect(statSync(file).mode & 0o777, file).toBe(0o600);
  expect(statSync(join(on.dataDir, 'token')).uid).toBe(process.getuid?.());
});

test('no port of it gives another user the table', needing('root', 'bubblewrap'), async () => {
  const table = String(on.sortie.host.deployment.tables[0]?.['TableName']);
  const ports = listening();
  expect(ports).toContain(Number(new URL(on.sortie.aws.endpoints.DYNAMODB).port));
  const answers = await asNobody(process.execPath, '-e', scan, table, ...ports.map(String));
  expect(answers).not.toBe('');
  expect(answers).not.toMatch(/"(Items|Count)"/);
  // The owner's own way there.
  expect(await on.client.fleets()).toEqual([]);
});

/** Asks each port for the whole table, with a signature as good as dynoxide needs one. */
const scan = `
const [TableName, ...ports] = process.argv.slice(1);
for (const port of ports)
  fetch('http://127.0.0.1:' + port, {
    method: 'POST',
    headers: {
      'x-amz-target': 'DynamoDB_20120810.Scan',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': new Date().toISOString().replace(/[-:]|\\.\\d+/g, ''),
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
    },
    body: JSON.stringify({ TableName }),
  })
    .then((answer) => answer.text())
    .then(console.log, console.log);`;
