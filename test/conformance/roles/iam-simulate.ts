import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Check } from '../check.ts';
import { type Request, recordedRequests } from '../requests/recorded.ts';
import { build, synthesize } from '../template/synthesize.ts';
import { toolFolder } from '../tools/folders.ts';
import { must, temporaryFolder } from '../tools/process.ts';
import { beyondRequests } from './beyond-requests.ts';
import { type Call, described } from './call.ts';
import { type Deployed, deployedRoles, place } from './deployed-roles.ts';
import { forbiddenToAll, forbiddenToNodes } from './forbidden.ts';
import { neededBy } from './needed.ts';
import { unused } from './unused.ts';

const program = fileURLToPath(new URL('./simulate.mjs', import.meta.url));
const packages = ['package.json', 'package-lock.json'].map((name) =>
  fileURLToPath(new URL(`./simulator/${name}`, import.meta.url)),
);

/** Each role of the template: it may do all that its function does, nothing that it must not, and nothing to spare. */
export const roles: Check = {
  name: 'roles',
  async run() {
    await build();
    const folder = temporaryFolder('roles');
    const deployed = deployedRoles(await synthesize(folder, { name: 'none', parameters: {} }, place.stage));
    const needed = [...callsOf(await recordedRequests(), deployed), ...beyondRequests(deployed)];
    const functionRoles = [...deployed.roles.keys()].filter((role) => role !== 'NodeRole');
    const forbidden = [
      ...[...functionRoles, 'NodeRole'].flatMap((role) =>
        forbiddenToAll(deployed).map((call) => ({ role, ...call })),
      ),
      ...forbiddenToNodes(deployed).map((call) => ({ role: 'NodeRole', ...call })),
    ];
    const mayNot = await refused(deployed, needed);
    const may = await refused(deployed, forbidden);
    return {
      checked:
        `iam-simulate ${version()}: ${deployed.roles.size} roles, ${needed.length} permissions that they need, ` +
        `${forbidden.length} that they must not have`,
      findings: [
        ...mayNot
          .filter(({ answer }) => answer !== 'Allowed')
          .map(({ call, answer }) => `${described(call)}: ${answer}`),
        ...may
          .filter(({ answer }) => answer !== 'ImplicitlyDenied' && answer !== 'ExplicitlyDenied')
          .map(({ call, answer }) => `${described(call)}: ${answer}, and must not be`),
        ...unused(deployed, needed),
      ],
    };
  },
};

/** The permissions that the functions' own requests need, each once. */
function callsOf(requests: readonly Request[], { functions, arnOf }: Deployed): Call[] {
  const calls = new Map<string, Call>();
  for (const request of requests) {
    const role = functions.get(request.by ?? '')?.role;
    if (role === undefined) continue;
    for (const needed of neededBy(request, arnOf('NodeRole'))) {
      const call = { role, ...needed };
      calls.set(described(call).replaceAll(/[0-9a-z]{26}|i-[0-9a-f]{17}/g, 'x'), call);
    }
  }
  return [...calls.values()];
}

async function refused(
  deployed: Deployed,
  calls: readonly Call[],
): Promise<{ call: Call; answer: string }[]> {
  const cwd = await simulator();
  const policies = Object.fromEntries(
    [...deployed.roles].map(([role, all]) => [
      role,
      all.map(({ PolicyName: name, PolicyDocument: policy }) => ({ name, policy })),
    ]),
  );
  const input = JSON.stringify({ account: place.account, policies, calls });
  const answers = z
    .array(z.string())
    .parse(JSON.parse(await must(process.execPath, [program], { cwd, input })));
  return calls.map((call, n) => ({ call, answer: answers[n] ?? 'no answer' }));
}

const simulator = (): Promise<string> =>
  toolFolder(
    'iam-simulate',
    packages.map((file) => readFileSync(file, 'utf8')),
    async (into) => {
      for (const file of packages) cpSync(file, join(into, file.slice(file.lastIndexOf('/'))));
      await must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: into });
    },
  );

function version(): string {
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(packages[0] ?? '', 'utf8')));
  return dependencies['@cloud-copilot/iam-simulate'] ?? 'unknown';
}
