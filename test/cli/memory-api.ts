import type { Api } from '../../functions/api/context.ts';
import { loadCatalogue } from '../../infra/catalogue/load.ts';
import { systemRuntime } from '../../infra/runtime.ts';
import { newSshKeys } from '../../infra/ssh-keys.ts';
import { memoryBundles } from '../fakes/memory-bundles.ts';
import { memoryBus } from '../fakes/memory-bus.ts';
import { always } from '../fakes/memory-catalogue.ts';
import { memoryCodeStore } from '../fakes/memory-code-store.ts';
import { memoryDeadLetters } from '../fakes/memory-dead-letters.ts';
import { memoryEventStore } from '../fakes/memory-event-store.ts';
import { memoryLogs } from '../fakes/memory-logs.ts';
import { memoryNodeBuilds } from '../fakes/memory-node-builds.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { memoryTally } from '../fakes/memory-tally.ts';

const FLEET_INSTANCES = 3;

/** All that the API works with, in memory. `ring` hears of every stream that moves. */
export function memoryApi(ring?: Parameters<typeof memoryEventStore>[0]) {
  const store = memoryEventStore(ring);
  const bundles = memoryBundles();
  const deadLetters = memoryDeadLetters(Date.now);
  const secrets = memorySecrets();
  const api: Api = {
    store,
    runtime: systemRuntime(),
    bundles,
    code: memoryCodeStore(),
    secrets,
    nodeBuilds: memoryNodeBuilds(),
    newSshKeys,
    logs: memoryLogs(),
    deadLetters,
    bus: memoryBus(),
    tally: memoryTally(),
    catalogue: always(loadCatalogue('us-east-1')),
    zones: null,
    fleetInstances: FLEET_INSTANCES,
    priceFactor: 1.5,
    longPollSeconds: 20,
    version: '0.0.0',
  };
  return { api, store, bundles, secrets, deadLetters };
}
