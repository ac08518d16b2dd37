import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleRunner } from '../../../infra/runner/bundle-runner.ts';
import { asText, documents, type SsmDocument } from '../../../infra/runner/documents/documents.ts';
import { eventually } from './eventually.ts';
import { newSubmission, startInstance } from './instance.ts';
import { commandLine, environment, processes } from './processes.ts';
import { world } from './world.ts';

const at = world();
const { run, start, delivered, logged } = at;
let all: SsmDocument[];
let runner: string;
beforeAll(async () => {
  runner = await bundleRunner();
  all = documents('sortie-test', runner);
});

describe('the documents', () => {
  test('fit what SSM takes, and the runner what it may weigh', () => {
    expect(all.map(({ name }) => name)).toEqual([
      'sortie-test-start-job',
      'sortie-test-stop-job',
      'sortie-test-probe',
    ]);
    // SSM takes 64 KB. The runner compares containers, makes folders and watches for ends that a client misses.
    for (const { content } of all) expect(JSON.stringify(content).length).toBeLessThan(40 * 1024);
    expect(runner.length).toBeLessThan(76_000);
    const unpackable = randomBytes(60_000).toString('base64');
    expect(() => documents('sortie-test', unpackable)).toThrow('where SSM takes 65536');
  });

  test('have nothing in the packed files that SSM, JSON or a shell would read otherwise', () => {
    for (const length of [1, 2, 3, 4, 5, 1000]) {
      const text = asText(randomBytes(length));
      expect(text).toMatch(/^[(-[\]-_a-z|!#%]*$/);
      expect(JSON.stringify(text)).toHaveLength(text.length + 2);
    }
  });

  test('name no parameter but their own, and are POSIX scripts', () => {
    for (const { content } of all) {
      const text = content.mainSteps[0]?.inputs.runCommand.join('\n') ?? '';
      const named = new Set([...text.matchAll(/\{\{\s*(.*?)\s*\}\}/g)].map(([, name]) => name));
      expect([...named].sort()).toEqual(Object.keys(content.parameters).sort());
      expect(text).not.toMatch(/@(RUNNER_HASH|FILES)@/);
      expect(spawnSync('sh', ['-n'], { input: text }).stderr.toString()).toBe('');
    }
  });

  test.each([
    ['submission', "01hzzzzzzzzzzzzzzzzzzzzzzz-0-0'; touch x; '"],
    ['submission', '../../etc'],
    ['bundleUrl', "http://a/b?c='; touch x; '"],
    ['bundleUrl', 'http://a/b\nURL\ntouch x'],
    ['bundleUrl', 'file:///etc/passwd'],
    ['bundleUrl', 'http://a/{{ submission }}'],
    ['reason', 'a "quoted" reason'],
    ['reason', "it's"],
    ['mode', 'both'],
  ])('take no %s that could leave its quotes: %j', (name, value) => {
    const parameter = all.map(({ content }) => content.parameters[name]).find((one) => one !== undefined);
    const allowed =
      parameter?.allowedValues?.includes(value) ?? new RegExp(parameter?.allowedPattern ?? '').test(value);
    expect(allowed).toBe(false);
  });

  test('take a presigned URL of S3', () => {
    const url =
      'https://b.s3.us-east-1.amazonaws.com/submissions/x/bundle.json?X-Amz-Credential=A%2F20261120%2Fus-east-1&X-Amz-Security-Token=a%2Bb%3D%3D&x-id=GetObject';
    expect(new RegExp(all[0]?.content.parameters.bundleUrl?.allowedPattern ?? '').test(url)).toBe(true);
  });
});

describe('start-job', () => {
  test('starts a submission once, however often and however fast it is delivered', async () => {
    const submission = newSubmission();
    const url = at.server.bundleUrl({ submission, commands: ['echo once'] });
    const answers = await Promise.all(Array.from({ length: 8 }, () => at.instance.startJob(submission, url)));
    expect(answers.every(({ status }) => status === 0)).toBe(true);
    expect(answers.map(({ output }) => output).sort()).toEqual([
      ...Array(7).fill('already there'),
      'started',
    ]);
    await delivered(submission);
    await at.instance.supervisorGone(submission);
    expect(await at.instance.startJob(submission, url)).toEqual({ status: 0, output: 'already there' });
    expect(at.server.log(submission).toString()).toBe('once\n');
    expect(at.server.reports(submission).filter(({ started }) => started)).toHaveLength(1);
  });

  test('leaves no trace before user data has finished', async () => {
    const ready = join(at.instance.home, 'ready');
    const submission = newSubmission();
    const url = at.server.bundleUrl({ submission, commands: ['echo started'] });
    for (const unfinished of [null, '', '/no/such/node\n']) {
      fs.rmSync(ready, { force: true });
      if (unfinished !== null) fs.writeFileSync(ready, unfinished);
      expect(await at.instance.startJob(submission, url)).toEqual({
        status: 75,
        output: 'not ready: user data has not finished on this instance',
      });
      expect(fs.existsSync(at.instance.fileOf(submission, '.'))).toBe(false);
    }
    fs.writeFileSync(ready, `${process.execPath}\n`);
    expect(await at.instance.startJob(submission, url)).toMatchObject({ output: 'started' });
    await delivered(submission);
  });

  test('takes Node from where user data has left it, whatever is on the PATH', async () => {
    const bin = join(at.instance.home, 'bin');
    fs.mkdirSync(bin);
    fs.writeFileSync(join(bin, 'node'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
    const other = await startInstance('sh', { path: bin, nodeOnPath: false });
    const submission = newSubmission();
    const answer = await other.startJob(submission, at.server.bundleUrl({ submission }));
    expect(answer).toEqual({ status: 0, output: 'started' });
    await delivered(submission);
    other.remove();
  });

  test('says that the instance is at fault, by what it lacks', async () => {
    const other = await startInstance();
    const submission = newSubmission();
    fs.writeFileSync(join(other.home, 'runner'), 'no folder');
    fs.mkdirSync(join(other.home, 'jobs'));
    expect(await other.startJob(submission, at.server.bundleUrl({ submission }))).toMatchObject({
      status: 1,
    });
    expect(await other.exit(submission)).toMatchObject({ cause: 'instance', log_bytes: 0 });
    other.remove();
  });

  test('says why there is no bundle, without its URL, and the directory says so too', async () => {
    const submission = newSubmission();
    const url = at.server.bundleUrl({ submission: 'another' }).replace('another', submission);
    const message = 'cannot fetch the bundle: HTTP 404; the next submission gets a new URL';
    expect(await at.instance.startJob(submission, url)).toEqual({ status: 1, output: message });
    expect(await at.instance.exit(submission)).toMatchObject({
      cause: 'fetch',
      status: null,
      log_bytes: 0,
      message,
    });
  });

  test('refuses a bundle of another version', async () => {
    const { answer } = await start({ version: 2 as 1 });
    expect(answer.status).toBe(1);
    expect(answer.output).toBe(
      "the bundle has version 2, this runner knows 1; deploy Sortie's documents again",
    );
  });

  test('begins nothing when the order to stop came first', async () => {
    const submission = newSubmission();
    const url = at.server.bundleUrl({ submission, commands: ['echo never'] });
    at.server.holdBundles();
    const starting = at.instance.startJob(submission, url);
    await eventually('the supervisor', () => at.instance.pid(submission, 'supervisor.pid'));
    await at.instance.stopJob(submission, 'graceful', 'changed my mind');
    at.server.releaseBundles();
    expect(await starting).toEqual({ status: 1, output: 'changed my mind' });
    expect(await delivered(submission)).toMatchObject({ cause: 'stopped', status: null, log_bytes: 0 });
    expect(at.server.log(submission).length).toBe(0);
  });

  test('keeps secrets out of every command line and file', async () => {
    const env = { PASSWORD: 'pa55-w0rd-of-the-job' };
    const secrets = [env.PASSWORD, at.server.token, 'secret%2Fsignature'];
    const { submission } = await start({
      env,
      commands: ['echo running; until [ -e go ]; do sleep 0.01; done'],
    });
    await logged(submission, 'running');
    const seen = processes().map(commandLine).join('\n');
    expect(seen).toContain(submission);
    for (const secret of secrets) expect(seen).not.toContain(secret);
    expect(at.instance.read(submission, 'bundle.json')).toBeNull();
    at.instance.write(submission, 'work/go', '');
    await delivered(submission);
    await at.instance.supervisorGone(submission);
    const directory = at.instance.fileOf(submission, '.');
    for (const file of fs
      .readdirSync(directory)
      .filter((name) => fs.statSync(join(directory, name)).isFile())) {
      expect(fs.statSync(join(directory, file)).mode & 0o077).toBe(0);
      for (const secret of secrets) expect(at.instance.read(submission, file)).not.toContain(secret);
    }
  });

  test('reports a set-up that the disk does not take', async () => {
    const submission = newSubmission();
    const url = at.server.bundleUrl({ submission, commands: ['echo never'] });
    at.server.holdBundles();
    const starting = at.instance.startJob(submission, url);
    await eventually('the supervisor', () => at.instance.pid(submission, 'supervisor.pid'));
    fs.mkdirSync(at.instance.fileOf(submission, 'commands'));
    at.server.releaseBundles();
    expect(await starting).toMatchObject({ status: 1, output: expect.stringMatching(/^setup: EISDIR/) });
    expect(await delivered(submission)).toMatchObject({
      cause: 'setup',
      message: expect.stringMatching(/^setup: EISDIR/),
    });
  });

  test('reports an exit that the disk does not take', async () => {
    const { submission, exit, log } = await run({ commands: ['mkdir ../.exit', 'echo done', 'exit 9'] });
    expect(exit).toMatchObject({ cause: 'commands', status: 9 });
    expect(log).toBe('done\n');
    await at.instance.supervisorGone(submission);
    expect(at.instance.read(submission, 'supervisor.log')).toContain('cannot write the exit');
  });

  test('leaves no commands running that nobody would supervise', async () => {
    const submission = newSubmission();
    const url = at.server.bundleUrl({ submission, commands: ['while :; do sleep 0.01; done'] });
    at.server.holdBundles();
    const starting = at.instance.startJob(submission, url);
    await eventually('the supervisor', () => at.instance.pid(submission, 'supervisor.pid'));
    fs.mkdirSync(at.instance.fileOf(submission, '.started'));
    at.server.releaseBundles();
    expect(await starting).toMatchObject({
      status: 1,
      output: expect.stringContaining('the runner did not start'),
    });
    expect(await at.instance.exit(submission)).toMatchObject({ cause: 'setup' });
    await eventually(
      'the end of the commands',
      () => !processes().some((pid) => environment(pid).includes(submission)),
    );
  });

  test('writes the runner once', async () => {
    await run({ commands: ['true'] });
    const files = fs.readdirSync(join(at.instance.home, 'runner')).filter((name) => name.endsWith('.cjs'));
    expect(files).toHaveLength(1);
    expect(fs.readFileSync(join(at.instance.home, 'runner', `${files[0]}`), 'utf8')).toBe(runner);
  });

  test('keeps the newest 64 jobs, and every one that has not ended', async () => {
    const old = Array.from({ length: 70 }, () => newSubmission());
    for (const [index, submission] of old.entries()) {
      fs.mkdirSync(at.instance.fileOf(submission, '.'));
      if (index !== 0) at.instance.write(submission, 'exit', '{}\n');
      at.instance.age(join('jobs', submission), 10_000 - index);
    }
    await run({ commands: ['true'] });
    const kept = () => old.filter((submission) => fs.existsSync(at.instance.fileOf(submission, '.')));
    await eventually('the pruning', () => kept().length < 66);
    expect(kept()[0]).toBe(old[0]);
    expect(kept()).toContain(old.at(-1));
  });
});
