import type { Result } from '../kernel/result.ts';
import { parseFleet } from './fleet.ts';
import type { FleetConfiguration, TaskConfiguration } from './normalized.ts';
import type { Problem } from './problem.ts';
import { parseConfiguration } from './task.ts';

/** Reads what may be applied: a task or a fleet, as its `type` says. */
export const parseApplicable = (
  value: unknown,
): Result<TaskConfiguration | FleetConfiguration, readonly Problem[]> =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'fleet'
    ? parseFleet(value)
    : parseConfiguration(value);
