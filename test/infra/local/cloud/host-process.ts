/**
 * The embedded EC2 and SSM in a process of their own, for the tests that kill it: `host-process.ts DATA [FAULTS]`. It writes a JSON
 * line with its endpoints when it answers, and one for each event.
 */
import { startEc2 } from '../../../../infra/local/ec2/start-ec2.ts';
import { startSsm } from '../../../../infra/local/ssm/start-ssm.ts';
import type { AwsEvent } from '../../../../infra/local/wire/aws-event.ts';
import { createFaults } from '../../../../infra/local/wire/faults.ts';
import { catalogue } from './catalogue.ts';
import { credentials } from './cloud.ts';
import { runShell } from './documents.ts';

const [data = '', given = '{}'] = process.argv.slice(2);
const faults = createFaults({ invocationVisibleAfterMs: 0, ...JSON.parse(given) });
const emit = (event: AwsEvent) => void process.stdout.write(`${JSON.stringify({ event })}\n`);
const ec2 = await startEc2({ data, credentials, catalogue, emit, faults });
const ssm = await startSsm({ data, credentials, emit, faults, stateOf: ec2.stateOf, documents: [runShell] });
process.stdout.write(`${JSON.stringify({ ready: { ec2: ec2.endpoint, ssm: ssm.endpoint } })}\n`);
process.once('SIGTERM', async () => {
  await ec2.terminateAll();
  await ssm.close();
  await ec2.close();
});
