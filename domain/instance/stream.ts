import type { Stream } from '../kernel/stream.ts';
import { InstanceEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { nextAction } from './next-action.ts';
import { dueOf, type InstanceState } from './state.ts';
import { retagOf } from './tags.ts';
import { summary } from './view.ts';

export const poolOf = (fleet: string): string => `pool#${fleet}`;
export const instanceList = (project: string): string => `instances#${project}`;

export const Instance: Stream<InstanceState, InstanceEvent> = {
  name: 'Instance',
  shape: 6,
  event: InstanceEvent,
  evolve,
  rests: (instance, at) => nextAction(instance, 'moved', at).kind === 'rest' && retagOf(instance) === null,
  view: summary,
  placement: (instance, id) => {
    const due = dueOf(instance);
    const live = instance.phase.kind !== 'terminated';
    return {
      list: { key: instanceList(instance.project), sort: id },
      ...(live ? { work: { key: poolOf(instance.fleet), sort: id } } : {}),
      ...(due === undefined ? {} : { due }),
    };
  },
};
