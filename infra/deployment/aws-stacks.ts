import { setTimeout as pause } from 'node:timers/promises';
import {
  type Stack as CfnStack,
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  paginateDescribeStackEvents,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import type { Account, OnProgress, TakenIn } from './account.ts';
import type { Settings } from './aws-account.ts';
import { Refusal } from './refusal.ts';

const EVERY = 3_000;

const Template = z.looseObject({ Resources: z.record(z.string(), z.unknown()).default({}) });

export function stacksOn(settings: Settings): Pick<Account, 'stack' | 'takeIn' | 'deleteStack'> {
  const cloudFormation = new CloudFormationClient(settings);

  /** By its id a stack is found even after it has been deleted. */
  async function described(nameOrId: string): Promise<CfnStack | null> {
    try {
      const { Stacks: stacks = [] } = await cloudFormation.send(
        new DescribeStacksCommand({ StackName: nameOrId }),
      );
      return stacks[0] ?? null;
    } catch (error) {
      if (error instanceof Error && /does not exist/.test(error.message)) return null;
      throw error;
    }
  }

  async function resourcesOf(name: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    const pages = paginateListStackResources({ client: cloudFormation }, { StackName: name });
    for await (const { StackResourceSummaries: page = [] } of pages)
      for (const { LogicalResourceId, PhysicalResourceId, ResourceStatus } of page)
        if (LogicalResourceId && PhysicalResourceId && ResourceStatus !== 'DELETE_COMPLETE')
          found[LogicalResourceId] = PhysicalResourceId;
    return found;
  }

  async function templateOf(name: string): Promise<z.infer<typeof Template>> {
    const { TemplateBody: body = '{}' } = await cloudFormation.send(
      new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' }),
    );
    return Template.parse(JSON.parse(body));
  }

  async function settled(id: string, onProgress: OnProgress): Promise<string> {
    for (;;) {
      const { StackStatus: status = 'DELETE_COMPLETE' } = (await described(id)) ?? {};
      if (!status.endsWith('_IN_PROGRESS')) return status;
      onProgress(`${status.toLowerCase().replaceAll('_', ' ')}: ${await latest(id)}`);
      await pause(EVERY);
    }
  }

  async function latest(id: string): Promise<string> {
    for await (const { StackEvents: events = [] } of eventsOf(id)) return events[0]?.LogicalResourceId ?? '';
    return '';
  }

  async function failures(id: string): Promise<string> {
    for await (const { StackEvents: events = [] } of eventsOf(id)) {
      const failed = events.filter(
        ({ ResourceStatus, ResourceType }) =>
          ResourceStatus?.endsWith('_FAILED') && ResourceType !== 'AWS::CloudFormation::Stack',
      );
      const told = failed.map(({ LogicalResourceId, ResourceStatusReason }) =>
        [LogicalResourceId, ResourceStatusReason].join(': '),
      );
      return [...new Set(told)].slice(0, 3).join('; ');
    }
    return '';
  }

  const eventsOf = (id: string) => paginateDescribeStackEvents({ client: cloudFormation }, { StackName: id });

  return {
    async stack(name) {
      const found = await described(name);
      if (found === null || found.StackStatus === 'DELETE_COMPLETE') return null;
      const outputs = (found.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [
        OutputKey,
        OutputValue,
      ]);
      return {
        status: found.StackStatus ?? '',
        reason: found.StackStatusReason ?? null,
        outputs: Object.fromEntries(outputs),
        resources: await resourcesOf(name),
      };
    },

    async takeIn(name, resources, onProgress) {
      const before = (await described(name)) === null ? Template.parse({}) : await templateOf(name);
      const changeSet = `take-in-${Date.now()}`;
      const { StackId: id = name } = await cloudFormation.send(
        new CreateChangeSetCommand({
          StackName: name,
          ChangeSetName: changeSet,
          ChangeSetType: 'IMPORT',
          ResourcesToImport: resources.map(({ logicalId, type, identifier }) => ({
            LogicalResourceId: logicalId,
            ResourceType: type,
            ResourceIdentifier: { ...identifier },
          })),
          TemplateBody: JSON.stringify({
            ...before,
            Resources: { ...before.Resources, ...definitions(resources) },
          }),
          Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
        }),
      );
      for (;;) {
        const { Status: status, StatusReason: reason } = await cloudFormation.send(
          new DescribeChangeSetCommand({ StackName: id, ChangeSetName: changeSet }),
        );
        if (status === 'CREATE_COMPLETE') break;
        if (status === 'FAILED') throw notTakenIn(name, resources, reason ?? 'no reason given');
        await pause(EVERY);
      }
      await cloudFormation.send(new ExecuteChangeSetCommand({ StackName: id, ChangeSetName: changeSet }));
      const status = await settled(id, onProgress);
      if (status !== 'IMPORT_COMPLETE') throw notTakenIn(name, resources, `${status}: ${await failures(id)}`);
    },

    async deleteStack(name, onProgress) {
      const found = await described(name);
      if (found === null) return;
      const id = found.StackId ?? name;
      if (found.StackStatus !== 'DELETE_IN_PROGRESS')
        await cloudFormation.send(new DeleteStackCommand({ StackName: id }));
      const status = await settled(id, onProgress);
      if (status !== 'DELETE_COMPLETE')
        throw new Refusal(
          `${name} was not removed whole (${status}): ${await failures(id)}`,
          'free what is named there, then the same again',
        );
    },
  };
}

const definitions = (resources: readonly TakenIn[]): Record<string, unknown> =>
  Object.fromEntries(resources.map(({ logicalId, definition }) => [logicalId, definition]));

const notTakenIn = (stack: string, resources: readonly TakenIn[], reason: string): Refusal =>
  new Refusal(
    `CloudFormation does not take ${resources.map(({ identifier }) => Object.values(identifier)[0]).join(', ')} into ${stack}: ${reason}`,
    'see "What is left of an earlier deployment" in docs/deploying.md',
  );
