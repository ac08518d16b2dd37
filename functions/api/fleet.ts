import { FleetName } from '../../domain/kernel/ids.ts';

/** Where runs go that name no fleet: created by its first launch, with the deployment's limit. */
export const DEFAULT_FLEET = FleetName.parse('default');
