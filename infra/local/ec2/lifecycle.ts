import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Inherited } from '../environment.ts';
import type { AgentProgram } from '../instance/agent-program.ts';
import { agentToken } from '../instance/agent-token.ts';
import { endContainers } from '../instance/containers.ts';
import { instanceDirectory, launchInstance, markerOf } from '../instance/launch.ts';
import { processIdentity } from '../instance/processes.ts';
import {
  endMarked,
  endSandbox,
  freezeMarked,
  type SandboxedProcess,
  type SandboxKind,
} from '../instance/sandbox.ts';
import type { Emit, Place } from '../wire/aws-event.ts';
import type { FaultSwitches } from '../wire/faults.ts';
import type { Credentials } from '../wire/signature.ts';
import { createTimers } from '../wire/timers.ts';
import { interruptionWarning, stateChanged } from './events.ts';
import { bootTimes } from './ill-luck.ts';
import { type InstanceRecord, isLive } from './instance-record.ts';
import * as reasons from './state-reasons.ts';
import type { InstanceStore } from './store.ts';

/** How often an instance that an earlier host started is looked at: its end reaches us as no event. */
const watchMs = 1000;

export type Lifecycle = {
  /** Boots an instance that is on record as pending. */
  launched(id: string): void;
  terminate(id: string, why: reasons.Ending): Promise<void>;
  interrupt(id: string): void;
  /** Stops whatever runs on it; only its end undoes that. */
  hang(id: string): void;
  /** Finds the instances of an earlier host again, and goes on with what it had begun. */
  recover(): void;
  close(): void;
};

export function createLifecycle(context: {
  readonly data: string;
  readonly credentials: Credentials;
  readonly place: Place;
  readonly store: InstanceStore;
  readonly faults: FaultSwitches;
  readonly sandbox: SandboxKind;
  readonly hides: readonly string[];
  readonly agent: AgentProgram;
  readonly inherited: Inherited;
  readonly emit: Emit;
  readonly now: () => number;
}): Lifecycle {
  const { data, place, store, faults, now } = context;
  const timers = createTimers();
  const adopted = new Set<string>();
  const endings = new Map<string, Promise<void>>();
  const booting: string[] = [];
  let open = true;

  const move = (instance: InstanceRecord): InstanceRecord => {
    store.save(instance);
    context.emit(stateChanged(place, now(), instance));
    return instance;
  };

  const boot = (id: string) => {
    const instance = store.find(id);
    if (instance?.state !== 'pending' || instance.fate === 'never-running') return;
    const ending = reasons.pendingEndings[instance.fate];
    if (ending) {
      move({ ...instance, state: 'terminated', ...ending, terminatedAt: now() });
      return;
    }
    const inside = launch(instance);
    if (!inside) return;
    move({ ...instance, state: 'running', stateReason: null, process: inside });
    crashInTime(instance);
  };

  const crashInTime = ({ id, fate, launchedAt }: InstanceRecord) => {
    if (fate !== 'crashes') return;
    timers.at(launchedAt + faults.current.crashAfterMs, () => void terminate(id, reasons.crash));
  };

  /** One process per turn of the event loop: starting 20 at once would hold up every other answer. */
  const bootInTurn = (id: string) => {
    if (booting.push(id) === 1) setImmediate(bootNext);
  };
  const bootNext = () => {
    const id = booting.shift();
    if (id !== undefined && open) boot(id);
    if (booting.length > 0) setImmediate(bootNext);
  };

  /** A machine that has no room for a process is an EC2 that fails to boot, not one that falls over. */
  const launch = (instance: InstanceRecord): SandboxedProcess | undefined => {
    try {
      return launchProcess(instance);
    } catch (error) {
      process.emitWarning(new Error(`instance ${instance.id} did not boot`, { cause: error }));
      move({ ...instance, state: 'terminated', ...reasons.bootFailed, terminatedAt: now() });
      return undefined;
    }
  };

  const launchProcess = (instance: InstanceRecord): SandboxedProcess =>
    launchInstance({
      instance: instance.id,
      token: agentToken(context.credentials, instance.id),
      data,
      region: place.region,
      privateIp: instance.privateIp,
      userData: instance.userData === null ? null : Buffer.from(instance.userData, 'base64'),
      fate: instance.fate,
      after: bootTimes(instance.number, faults.current),
      inherited: context.inherited,
      sandbox: context.sandbox,
      hides: context.hides,
      agent: context.agent,
      onExit: () => ended(instance.id),
    });

  /** The process is gone and EC2 did not do it: a shutdown from inside, or a crash. */
  const ended = (id: string) => {
    const instance = store.find(id);
    if (!open || instance?.state !== 'running') return;
    const why = existsSync(join(instanceDirectory(data, id), 'shutdown')) ? reasons.shutdown : reasons.crash;
    const stops = why === reasons.shutdown && instance.shutdownBehavior === 'stop';
    void (stops ? stop(instance) : terminate(id, why));
  };

  const stop = async (instance: InstanceRecord) => {
    move({ ...instance, state: 'stopping', ...reasons.shutdown });
    await empty(instance);
    move({ ...instance, state: 'stopped', ...reasons.shutdown, process: null });
  };

  const terminate = (id: string, why: reasons.Ending): Promise<void> => {
    const known = endings.get(id);
    const instance = store.find(id);
    if (known || !instance || instance.state === 'terminated') return known ?? Promise.resolve();
    if (instance.state !== 'shutting-down') move({ ...instance, state: 'shutting-down', ...why });
    const ending = finish(id).finally(() => endings.delete(id));
    endings.set(id, ending);
    return ending;
  };

  const finish = async (id: string) => {
    const instance = store.find(id);
    if (!instance) return;
    await empty(instance);
    rmSync(instanceDirectory(data, id), { recursive: true, force: true });
    adopted.delete(id);
    const last = store.find(id);
    if (!last || !open) return;
    move({ ...last, state: 'terminated', process: null, terminatedAt: now() });
    store.forgetTerminatedBefore(now() - faults.current.terminatedVisibleMs);
  };

  const empty = async (instance: InstanceRecord) => {
    const marker = markerOf(data, instance.id);
    if (instance.process) await endSandbox(instance.process, marker);
    else await endMarked(marker);
    try {
      await endContainers(join(instanceDirectory(data, instance.id), 'sortie'), context.inherited);
    } catch (error) {
      // An engine that does not answer keeps no instance alive.
      process.emitWarning(new Error(`containers of ${instance.id} may be left`, { cause: error }));
    }
  };

  const interrupt = (id: string) => {
    const instance = store.find(id);
    if (!instance || !isLive(instance) || instance.market !== 'spot' || instance.interruptedAt !== null)
      return;
    store.save({ ...instance, interruptedAt: now() + faults.current.spotWarningMs });
    context.emit(interruptionWarning(place, now(), instance));
    timers.at(now() + faults.current.spotWarningMs, () => void terminate(id, reasons.interrupted));
  };

  const hang = (id: string) => {
    void freezeMarked(markerOf(data, id), () => open && store.find(id)?.state === 'running');
  };

  const recover = () => {
    store.forgetTerminatedBefore(now() - faults.current.terminatedVisibleMs);
    for (const instance of store.all()) {
      if (instance.interruptedAt !== null && isLive(instance)) {
        timers.at(instance.interruptedAt, () => void terminate(instance.id, reasons.interrupted));
      }
      if (instance.state === 'pending') void empty(instance).then(() => bootInTurn(instance.id));
      if (instance.state === 'shutting-down') void terminate(instance.id, reasons.requested(now()));
      if (instance.state === 'stopping') void stop(instance);
      if (instance.state !== 'running') continue;
      adopted.add(instance.id);
      crashInTime(instance);
    }
    watch();
  };

  const watch = () => {
    for (const id of adopted) {
      const inside = store.find(id)?.process;
      if (inside && processIdentity(inside.pid) === inside.identity) continue;
      adopted.delete(id);
      ended(id);
    }
    if (adopted.size > 0) timers.at(Date.now() + watchMs, watch);
  };

  return {
    launched: (id) => {
      const instance = store.find(id);
      if (instance) context.emit(stateChanged(place, now(), instance));
      timers.at(now() + faults.current.bootDelayMs, () => bootInTurn(id));
    },
    terminate,
    interrupt,
    hang,
    recover,
    close: () => {
      open = false;
      timers.close();
    },
  };
}
