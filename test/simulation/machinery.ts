import type { GangOrder } from '../../domain/gang/order.ts';
import type { Bundle } from '../../domain/job/bundles.ts';
import type { RunnerExit } from '../../domain/job/exit.ts';
import { SECOND } from '../../domain/kernel/instant.ts';
import type { StopMode } from '../../domain/kernel/status.ts';
import type { Happenings, Machine } from '../fakes/world.ts';
import { type Behaviour, type Does, machines, type Post } from '../functions/machines.ts';
import { deadMan } from './dead-man.ts';
import type { Deployment } from './deployment.ts';
import { takeBack } from './faulty-cloud.ts';
import type { Scene } from './scene.ts';

/** What machines are told to do: commands say it themselves, as `for 60 exit 0 obey 2`. */
const does =
  (scene: Scene): Does =>
  (machine, bundle) => {
    const [, seconds, status, obey] =
      /^for (\d+) exit (\d+) obey (\d+)$/.exec(bundle?.commands[0] ?? '') ?? [];
    const behaviour: Behaviour = {
      boot: null,
      ready: 'reported',
      userData: 'as its agent answers',
      lacks: bundle && lack(scene, machine, bundle),
      commands: Number(seconds),
      status: Number(status),
      // Before the commands there is nobody who would not obey.
      obey: bundle?.container && !hasBegun(machine, bundle) ? 0 : Number(obey),
      reports: 'arrive',
      ...{ sighting: null, comes: 'comes', setup: 5, setupStatus: 0 },
      ill: bundle && illness(scene, machine, bundle),
    };
    return bundle === null ? { ...behaviour, ...boot(scene, machine) } : behaviour;
  };

const checked = new WeakMap<Machine, Map<string, string | null>>();

/** Looked for once by each job that has to; what is found ill once stays so. */
function illness({ chance, ill }: Scene, machine: Machine, { health, submission }: Bundle): string | null {
  if (health === null) return null;
  const found = checked.get(machine) ?? new Map<string, string | null>();
  checked.set(machine, found);
  const known = found.get(submission);
  if (known !== undefined) return known;
  const is = [...found.values()].some((one) => one !== null) || chance.strikes('node is ill', machine.ec2);
  found.set(submission, is ? 'disk: read-only' : null);
  if (is) ill.add(submission);
  return is ? 'disk: read-only' : null;
}

const lacking = new WeakMap<Machine, boolean>();

/** Drawn once for each machine: it fails each job that is to start there. */
function lack(scene: Scene, machine: Machine, { submission }: Bundle): string | null {
  const lacks = lacking.get(machine) ?? scene.chance.strikes('machine lacks something', machine.ec2);
  lacking.set(machine, lacks);
  if (!lacks) return null;
  scene.lacking.add(submission);
  return 'no space left on device';
}

const hasBegun = (machine: Machine, { submission }: Bundle): boolean =>
  (machine.submissions.get(submission)?.started_at ?? null) !== null;

type Boot = Pick<Behaviour, 'boot' | 'userData' | 'ready'>;
const boots = new WeakMap<Machine, Boot>();

/** Drawn once for each machine. */
function boot({ chance }: Scene, machine: Machine): Boot {
  const known = boots.get(machine);
  if (known !== undefined) return known;
  const late = chance.strikes('machine boots late', machine.ec2);
  const agent = chance.strikes('machine never boots', machine.ec2)
    ? null
    : late
      ? chance.between('late boot', 60, 1_200)
      : chance.between('boot', 16, 60);
  const drawn: Boot = {
    boot: agent,
    userData: userData(chance, machine, agent),
    ready: chance.strikes('ready report lost', machine.ec2) ? 'agent-only' : 'reported',
  };
  boots.set(machine, drawn);
  return drawn;
}

/** Neither waits for the other. */
function userData(chance: Scene['chance'], { ec2 }: Machine, agent: number | null): Boot['userData'] {
  if (agent === null || chance.strikes('user data never finishes', ec2)) return null;
  if (chance.strikes('agent before user data', ec2)) return agent + chance.between('user data late', 1, 180);
  if (chance.strikes('user data before agent', ec2))
    return Math.max(16, agent - chance.between('agent late', 1, 40));
  return agent;
}

/** What is heard of machines by whoever watches the simulation. */
export interface Listener {
  launched(machine: Machine): void;
  ending(machine: Machine): void;
  placed(machine: Machine, submission: string): void;
  acknowledged(path: string, body: Record<string, unknown>): void;
}

/** Plays the machines and their runners, over a network that loses, delays and repeats. */
export function machinery(
  scene: Scene,
  deployment: () => Deployment,
  listener: Listener,
): Happenings & { readonly starts: ReadonlyMap<string, number> } {
  const { time, chance } = scene;
  const machineOf = new Map<string, Machine>();
  const contact = (ec2: string) => {
    scene.lifeOf(ec2).contact = time.now();
  };
  const deliver: Post = async (path, token, body) => {
    const headers = {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const answer = await deployment().request(path, { method: 'POST', body: JSON.stringify(body), headers });
    if (answer === 'died') return 'no-answer';
    if (answer.status === 200) listener.acknowledged(path, body);
    const { stop = null, gang } = (await answer.json()) as {
      stop?: { mode: StopMode; reason: string } | null;
      gang?: GangOrder | null;
    };
    return { status: answer.status, stop, gang: gang ?? undefined };
  };
  const post: Post = async (path, token, body) => {
    const what = `${path.slice(-40)} ${Object.keys(body).at(-1)}`;
    if (scene.down.has('reports') || chance.strikes('report lost', what)) return 'no-answer';
    const again = (seconds: number) =>
      time.at(time.now() + seconds * SECOND, () => deliver(path, token, body));
    if (chance.strikes('report late', what)) {
      again(chance.between('late report', 5, 150));
      return 'no-answer';
    }
    if (chance.strikes('report doubled', what)) again(chance.between('second report', 0, 40));
    const answer = await deliver(path, token, body);
    if (answer === 'no-answer' || chance.strikes('answer to a report lost', what)) return 'no-answer';
    const machine = machineOf.get(path.split('/')[3] ?? '');
    if (machine !== undefined) contact(machine.ec2);
    return answer;
  };
  const played = machines(
    { clock: time, world: () => scene.world, bundles: scene.bundles, post, engines: scene.engines },
    does(scene),
  );

  /** Told by the command's own failure and by the disk: there is no runner to report it. */
  const failsAtOnce = (machine: Machine, submission: string, cause: RunnerExit['cause']) =>
    scene.world.exit(machine.ec2, submission, {
      ...{ cause, status: null, signal: null, log_bytes: 0 },
      message: `simulated: ${cause}`,
    });
  return {
    starts: played.starts,
    launched(machine) {
      listener.launched(machine);
      deadMan(scene, machine, listener.ending);
      takeBack(scene, machine);
      played.launched(machine);
    },
    placed(machine, submission) {
      const { harms } = scene.lifeOf(machine.ec2);
      contact(machine.ec2);
      machineOf.set(submission, machine);
      const placed = machine.submissions.get(submission);
      if (scene.bundles.fetch(placed?.bundleUrl ?? '') === undefined) {
        harms.add('no bundle');
        return failsAtOnce(machine, submission, 'fetch');
      }
      if (chance.strikes('setup failed', submission)) {
        harms.add('setup failed');
        return failsAtOnce(machine, submission, 'setup');
      }
      played.placed(machine, submission);
      listener.placed(machine, submission);
      if (chance.strikes('runner died', submission))
        time.at(time.now() + chance.between('runner dies', 0, 120) * SECOND, () => {
          if (placed?.state !== 'running') return;
          harms.add('runner died');
          placed.state = 'lost';
        });
    },
    stopping(machine, submission) {
      contact(machine.ec2);
      played.stopping(machine, submission);
    },
    ended(machine) {
      played.ended(machine);
      const detail = { 'instance-id': machine.ec2, state: 'terminated' as const };
      deployment().tell({ 'detail-type': 'EC2 Instance State-change Notification', detail });
    },
  };
}
