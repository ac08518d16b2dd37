import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningCommand, runCommand } from './agent-command.ts';
import { openLink } from './agent-link.ts';
import { processesMarked, signal } from './processes.ts';
import {
  agentPath,
  type CommandOrder,
  type CommandResult,
  type InstanceIdentity,
  type ToAgent,
} from './protocol.ts';

/** SSM's agent runs so many commands at once; the others wait (CommandWorkersLimit). */
const workers = 5;

/**
 * What runs first in an instance: cloud-init's part (user data, once) and the SSM agent's. The instance ends with it.
 * It loads only what Node has built in: 20 of them share a small machine.
 */
const directory = process.argv[2] ?? '.';
const identity = JSON.parse(readFileSync(join(directory, 'instance.json'), 'utf8')) as InstanceIdentity;
const home = identity.env['HOME'] ?? directory;

type Delivery =
  | { readonly is: 'waiting'; readonly order: CommandOrder }
  | { readonly is: 'running'; readonly startedAt: number; readonly command: RunningCommand }
  | { readonly is: 'finished'; readonly result: CommandResult }
  | { readonly is: 'recorded' };

/** By delivery id. A delivery seen once never runs again, however often it arrives. */
const deliveries = new Map<string, Delivery>();
const waiting: string[] = [];
let running = 0;

writeFileSync(join(directory, 'agent.pid'), `${process.pid}\n`);
process.on('SIGTERM', powerOff);
// Either may come first, as on EC2: cloud-init does not wait for the agent, nor the agent for cloud-init.
setTimeout(bootOnce, identity.after.userData);
const link = openLink({
  path: agentPath,
  endpoints: identity.endpoints,
  openAfterMs: identity.after.agent,
  onOpen: greet,
  onMessage: receive,
});

function bootOnce(): void {
  const userData = join(directory, 'user-data');
  const booted = join(directory, 'booted');
  if (existsSync(booted)) return;
  writeFileSync(booted, '');
  if (!existsSync(userData) || !readFileSync(userData, 'latin1').startsWith('#!')) return;
  const log = openSync(join(directory, 'cloud-init-output.log'), 'a');
  spawn(userData, [], { cwd: home, env: identity.env, detached: true, stdio: ['ignore', log, log] })
    .on('error', (error) => console.error(`user data did not start: ${error.message}`))
    // From here on the machine's own Node is there for the jobs, as it is for its user.
    .on('exit', () => rmSync(join(directory, 'bin/node'), { force: true }));
}

function greet(): void {
  link.send({ type: 'hello', instance: identity.instance, token: identity.token });
}

function receive(message: ToAgent): void {
  switch (message.type) {
    case 'welcome':
      return tellAll();
    case 'run':
      if (deliveries.has(message.delivery)) return;
      deliveries.set(message.delivery, { is: 'waiting', order: message.order });
      waiting.push(message.delivery);
      return work();
    case 'cancel':
      return cancel(message.delivery);
    case 'recorded':
      deliveries.set(message.delivery, { is: 'recorded' });
  }
}

/** After a reconnect: what the service may have missed. */
function tellAll(): void {
  for (const [delivery, state] of deliveries) {
    if (state.is === 'running') link.send({ type: 'started', delivery, at: state.startedAt });
    if (state.is === 'finished') link.send({ type: 'finished', delivery, result: state.result });
  }
}

function work(): void {
  while (running < workers) {
    const delivery = waiting.shift();
    if (delivery === undefined) return;
    const state = deliveries.get(delivery);
    if (state?.is !== 'waiting') continue;
    if (Date.now() > state.order.startBefore) finish(delivery, unrun('too-late'));
    else start(delivery, state.order);
  }
}

function start(delivery: string, order: CommandOrder): void {
  running += 1;
  const command = runCommand({
    directory: join(directory, 'ssm', encodeURIComponent(delivery)),
    home,
    order,
    env: { ...identity.env, AWS_SSM_INSTANCE_ID: identity.instance, AWS_SSM_REGION_NAME: identity.region },
    onEnd: (result) => {
      running -= 1;
      finish(delivery, result);
      work();
    },
  });
  const startedAt = Date.now();
  deliveries.set(delivery, { is: 'running', startedAt, command });
  link.send({ type: 'started', delivery, at: startedAt });
}

function cancel(delivery: string): void {
  const state = deliveries.get(delivery);
  if (state === undefined || state.is === 'waiting') return finish(delivery, unrun('cancelled'));
  if (state.is === 'running') state.command.cancel();
}

function finish(delivery: string, result: CommandResult): void {
  deliveries.set(delivery, { is: 'finished', result });
  link.send({ type: 'finished', delivery, result });
}

function unrun(end: 'cancelled' | 'too-late'): CommandResult {
  const now = Date.now();
  return { end, code: -1, stdout: '', stderr: '', startedAt: now, finishedAt: now };
}

/** In a process namespace all others end with this process; a process group is swept until nobody is left. */
function powerOff(): void {
  if (identity.sandbox === 'process-group') {
    const others = () => processesMarked((entry) => entry === identity.marker);
    for (let left = others(); left.length > 0; left = others()) {
      for (const pid of left) signal(pid, 'SIGKILL');
    }
  }
  process.exit(0);
}
