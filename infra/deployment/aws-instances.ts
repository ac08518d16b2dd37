import {
  DeletePlacementGroupCommand,
  DescribePlacementGroupsCommand,
  type EC2Client,
  paginateDescribeInstances,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Account } from './account.ts';

const TAG = 'tag:sortie:deployment';

/** TerminateInstances takes 1,000 by EC2's advice, and answers slowly by then. */
const AT_ONCE = 200;

export function instancesOn(
  ec2: EC2Client,
): Pick<Account, 'instances' | 'terminate' | 'deletePlacementGroups'> {
  return {
    async instances(deployment) {
      const found: string[] = [];
      const pages = paginateDescribeInstances(
        { client: ec2, pageSize: 1_000 },
        {
          Filters: [
            { Name: TAG, Values: [deployment] },
            {
              Name: 'instance-state-name',
              Values: ['pending', 'running', 'shutting-down', 'stopping', 'stopped'],
            },
          ],
        },
      );
      for await (const { Reservations: reservations = [] } of pages)
        for (const { Instances: instances = [] } of reservations)
          found.push(...instances.flatMap(({ InstanceId }) => InstanceId ?? []));
      return found;
    },

    async terminate(instances) {
      for (let at = 0; at < instances.length; at += AT_ONCE)
        await ec2.send(new TerminateInstancesCommand({ InstanceIds: instances.slice(at, at + AT_ONCE) }));
    },

    async deletePlacementGroups(deployment) {
      const { PlacementGroups: groups = [] } = await ec2.send(
        new DescribePlacementGroupsCommand({ Filters: [{ Name: TAG, Values: [deployment] }] }),
      );
      for (const { GroupName, State } of groups)
        if (State === 'available') await ec2.send(new DeletePlacementGroupCommand({ GroupName }));
    },
  };
}
