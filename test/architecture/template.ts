import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { bundleFunctions } from '../../infra/build/bundle.ts';
import { fixtureProject, idleHandlers, project } from './fixture-project.ts';

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Condition: z.string().optional(),
  DependsOn: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});
const template = z.object({ Resources: z.record(z.string(), resource) });

export type Template = z.infer<typeof template>['Resources'];

const execute = promisify(execFile);

/** Runs `serverless package` on the project's serverless.yml in a folder of its own; no account, no network. */
export async function synthesise(parameters: Readonly<Record<string, string>> = {}): Promise<Template> {
  const root = fixtureProject(idleHandlers);
  try {
    await bundleFunctions(root);
    cpSync(join(project, 'serverless.yml'), join(root, 'serverless.yml'));
    cpSync(join(project, 'infra/deployment'), join(root, 'infra/deployment'), { recursive: true });
    mkdirSync(join(root, 'build/documents'), { recursive: true });
    const empty = JSON.stringify({ schemaVersion: '2.2', description: 'does nothing', mainSteps: [] });
    for (const name of ['start-job', 'stop-job', 'probe'])
      writeFileSync(join(root, `build/documents/${name}.json`), empty);
    const options = Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
    const serverless = join(project, 'node_modules/serverless/bin/serverless.js');
    await execute(process.execPath, [serverless, 'package', ...options], { cwd: root });
    const file = join(root, '.serverless/cloudformation-template-update-stack.json');
    return template.parse(JSON.parse(readFileSync(file, 'utf8'))).Resources;
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The properties of every resource of a type, by logical id. */
export function ofType<T>(resources: Template, type: string, schema: z.ZodType<T>): Map<string, T> {
  const entries = Object.entries(resources).filter(([, { Type }]) => Type === type);
  return new Map(entries.map(([id, { Properties }]) => [id, schema.parse(Properties)]));
}

const many = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: many,
  Resource: z.unknown().transform((value) => (Array.isArray(value) ? value : [value])),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
const document = z.object({ Statement: z.array(statement) });
const named = z.object({ PolicyName: z.string(), PolicyDocument: document });

export const role = z.object({ Policies: z.array(named) });
export type Statement = z.infer<typeof statement>;

/** Everything that the role of this logical id may do. */
export function statementsOf(resources: Template, id: string): Statement[] {
  const found = ofType(resources, 'AWS::IAM::Role', role).get(id);
  if (found === undefined) throw new Error(`the template has no role ${id}`);
  return found.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
