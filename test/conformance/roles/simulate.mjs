// Asks an IAM policy simulator, which is under the AGPL and so is no dependency of Sortie: it runs in this process of its
// own, from a folder of its own, and is told and answers in JSON.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const simulator = join(process.cwd(), 'node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js');
const { runSimulation, runUnsafeSimulation } = await import(pathToFileURL(simulator).href);

let told = '';
for await (const chunk of process.stdin) told += chunk;
const { account, policies, calls } = JSON.parse(told);

const answers = [];
for (const { role, action, resource, context } of calls) {
  const simulation = {
    request: {
      action,
      principal: `arn:aws:sts::${account}:assumed-role/${role}/session`,
      resource: { resource, accountId: account },
      contextVariables: context,
    },
    identityPolicies: policies[role],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  // The service authorization reference gives documents and parameters of SSM an account. AWS's own have none, and the
  // simulator would refuse their ARNs: of these alone it does not check whether the question is a good one.
  if (/^arn:aws:ssm:[^:]+::/.test(resource)) {
    answers.push(runUnsafeSimulation(simulation, {}));
    continue;
  }
  const answer = await runSimulation(simulation, {});
  answers.push(
    answer.resultType === 'error' ? `error: ${JSON.stringify(answer.errors)}` : answer.overallResult,
  );
}
process.stdout.write(JSON.stringify(answers));
