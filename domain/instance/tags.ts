import type { TagChange } from './cloud.ts';
import type { InstanceEvent } from './events.ts';
import { ec2Of, type InstanceState } from './state.ts';

type Tags = Readonly<Record<string, string>>;

/** Whatever the order in which they are written. */
export const sameTags = (a: Tags, b: Tags): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, value]) => b[name] === value);

/** What EC2 is to be asked so that the instance has its tags there as well. */
export interface Retag extends TagChange {
  readonly ec2: string;
}

/** `null`: EC2 has them, or there is nothing to tag: not yet, or not any more. */
export function retagOf(instance: InstanceState): Retag | null {
  const { phase, retag, tags } = instance;
  const ec2 = ec2Of(instance);
  if (retag === null || ec2 === null || phase.kind === 'terminating' || phase.kind === 'terminated')
    return null;
  return { ec2, set: tags, remove: retag.remove };
}

/** EC2 did as it was asked. Nothing, if the instance is to have others by now. */
export function tagged(instance: InstanceState, done: Retag): InstanceEvent[] {
  const asked = retagOf(instance);
  if (asked === null || !sameTags(asked.set, done.set)) return [];
  return asked.remove.every((name) => done.remove.includes(name)) ? [{ type: 'InstanceTagged' }] : [];
}
