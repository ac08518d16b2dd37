import { type LiveInstance, liveInstances } from '../../domain/coordination/live-instances.ts';
import { ec2Of } from '../../domain/instance/state.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { InstanceId } from '../../domain/kernel/ids.ts';
import type { Api, Caller } from './context.ts';
import { refuse } from './problems.ts';

// Shorter ones name nobody in particular; longer ones are no id, and DynamoDB refuses a key of more than 2,048 bytes.
const PREFIX = /^i[0-9a-z-]{4,40}$/;

/** An instance by its id, by EC2's, or by the beginning of either if only one that is up has it. */
export async function findInstance(api: Api, caller: Caller, given: string): Promise<LiveInstance> {
  const exact = (await byId(api, caller, given)) ?? (await byEc2(api, caller, given));
  if (exact) return exact;
  const active = PREFIX.test(given) ? await liveInstances(api.store, caller.project) : [];
  const [found, ...others] = active.filter(
    ({ id, state }) => id.startsWith(given) || ec2Of(state)?.startsWith(given),
  );
  if (found && others.length === 0) return found;
  const shown = JSON.stringify(given.length > 60 ? `${given.slice(0, 60)}…` : given);
  if (found)
    throw refuse(
      409,
      'ambiguous-instance',
      `${others.length + 1} instances begin with ${shown}: ${few([found, ...others])}; give more of the id`,
    );
  throw refuse(404, 'unknown-instance', `there is no instance ${shown}; list them with: sortie instance -a`);
}

const SHOWN = 5;

const few = (found: readonly LiveInstance[]): string =>
  [
    ...found.slice(0, SHOWN).map(({ id, state }) => ec2Of(state) ?? id),
    ...(found.length > SHOWN ? ['…'] : []),
  ].join(', ');

async function byId(api: Api, caller: Caller, given: string): Promise<LiveInstance | undefined> {
  const id = InstanceId.safeParse(given);
  if (!id.success) return undefined;
  const { state } = await api.store.load(Instance, id.data);
  return state?.project === caller.project ? { id: id.data, state } : undefined;
}

async function byEc2(api: Api, caller: Caller, given: string): Promise<LiveInstance | undefined> {
  const id = PREFIX.test(given) ? await api.store.alias('ec2-instance', given) : undefined;
  return id === undefined ? undefined : byId(api, caller, id);
}
