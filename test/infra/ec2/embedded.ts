import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ec2, startEc2 } from '../../../infra/local/ec2/start-ec2.ts';
import { type Ssm, type SsmOptions, startSsm } from '../../../infra/local/ssm/start-ssm.ts';
import { createFaults, type FaultSwitches } from '../../../infra/local/wire/faults.ts';
import { catalogue } from '../local/cloud/catalogue.ts';

/** The embedded EC2 and SSM on the wire: real processes for instances, AWS's codes for refusals. */
export interface EmbeddedCloud {
  readonly ec2: Ec2;
  readonly ssm: Ssm;
  readonly faults: FaultSwitches;
  stop(): Promise<void>;
}

export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

export async function startEmbeddedCloud(
  faulty: Parameters<typeof createFaults>[0] = {},
  documents: SsmOptions['documents'] = [],
): Promise<EmbeddedCloud> {
  const data = mkdtempSync(join(tmpdir(), 'sortie-adapters-'));
  const faults = createFaults({ invocationVisibleAfterMs: 50, ...faulty });
  const shared = { data, credentials, faults, emit: () => {} };
  const ec2 = await startEc2({ ...shared, catalogue });
  const ssm = await startSsm({ ...shared, stateOf: ec2.stateOf, documents });
  return {
    ec2,
    ssm,
    faults,
    async stop() {
      faults.change({ outage: [] });
      await ec2.terminateAll();
      await ssm.close();
      await ec2.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
