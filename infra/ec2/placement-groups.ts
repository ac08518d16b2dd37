import {
  CreatePlacementGroupCommand,
  DeletePlacementGroupCommand,
  DescribePlacementGroupsCommand,
  type EC2Client,
  type Filter,
  type PlacementGroup,
} from '@aws-sdk/client-ec2';
import type { CloudGroups } from '../../domain/fleet/cloud-groups.ts';
import type { CallRate } from './call-rate.ts';
import { classifyEc2Error } from './error-classes.ts';

/** A group's name in EC2: unique in its account and region. */
export const groupName = (deployment: string, id: string): string => `${deployment}-${id}`;

/** EC2's cluster placement groups as the domain needs them. Throws, with the cause, where the outcome is unknown. */
export function placementGroups(client: EC2Client, rate: CallRate, deployment: string): CloudGroups {
  async function described(...Filters: Filter[]): Promise<PlacementGroup[]> {
    await rate.take();
    const { PlacementGroups = [] } = await client.send(new DescribePlacementGroupsCommand({ Filters }));
    return PlacementGroups;
  }

  /** Whether the group of this name is the one that we have asked for before. */
  async function isOurs(name: string): Promise<boolean> {
    const [group] = await described({ Name: 'group-name', Values: [name] });
    if (group === undefined)
      throw new Error(`EC2 says that placement group ${name} exists, and does not list it`);
    return group.Strategy === 'cluster' && tagOf(group, 'sortie:deployment') === deployment;
  }

  return {
    async createGroup({ id, fleet, tags }) {
      const name = groupName(deployment, id);
      const all = { ...tags, 'sortie:deployment': deployment, 'sortie:fleet': fleet, Name: name };
      const Tags = Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
      await rate.take();
      try {
        await client.send(
          new CreatePlacementGroupCommand({
            GroupName: name,
            Strategy: 'cluster',
            TagSpecifications: [{ ResourceType: 'placement-group', Tags }],
          }),
        );
        return { kind: 'there', name };
      } catch (error) {
        const { class: kind, code, message } = classifyEc2Error(error);
        if (kind === 'throttle') return { kind: 'throttled', code };
        if (kind === 'unknown')
          throw new Error(`whether EC2 created placement group ${name} is not known: ${code}: ${message}`, {
            cause: error,
          });
        if (code === 'InvalidPlacementGroup.Duplicate' && (await isOurs(name)))
          return { kind: 'there', name };
        return { kind: 'refused', code, message };
      }
    },

    async deleteGroup(id) {
      const name = groupName(deployment, id);
      await rate.take();
      try {
        await client.send(new DeletePlacementGroupCommand({ GroupName: name }));
        return 'gone';
      } catch (error) {
        const { class: kind, code, message } = classifyEc2Error(error);
        if (code === 'InvalidPlacementGroup.Unknown') return 'gone';
        if (code === 'InvalidPlacementGroup.InUse') return 'in-use';
        if (kind === 'throttle') return 'throttled';
        throw new Error(`placement group ${name} could not be deleted: ${code}: ${message}`, {
          cause: error,
        });
      }
    },

    async listGroups() {
      const ours = await described({ Name: 'tag:sortie:deployment', Values: [deployment] });
      return ours.flatMap((group) =>
        group.GroupName?.startsWith(groupName(deployment, '')) && group.State !== 'deleted'
          ? [
              {
                id: group.GroupName.slice(groupName(deployment, '').length),
                fleet: tagOf(group, 'sortie:fleet'),
              },
            ]
          : [],
      );
    },
  };
}

const tagOf = ({ Tags }: PlacementGroup, name: string): string | null =>
  Tags?.find(({ Key }) => Key === name)?.Value ?? null;
