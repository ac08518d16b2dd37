import type { Call } from './call.ts';
import type { Deployed } from './deployed-roles.ts';

/** Granted though the recorded tests do not come to it each time, or at all. */
const seldom: readonly { readonly roles: RegExp; readonly actions: RegExp; readonly because: string }[] = [
  {
    roles: /^(React|Sync)Role$/,
    actions: /^ec2:(Describe|Create|Delete)PlacementGroups?$/,
    because: 'sync looks after the placement groups once a minute, and a short test may see no minute end',
  },
  {
    roles: /^(React|Sync)Role$/,
    actions: /^ssm:(DescribeInstanceInformation|GetCommandInvocation|ListCommandInvocations)$/,
    because: 'an instance is probed only when its job is silent for longer than these tests take',
  },
  {
    roles: /^ApiRole$/,
    actions: /^(s3:DeleteObject|dynamodb:UpdateItem)$/,
    because: 'a sealed environment is erased, and a doorbell rung again, when a submission lost a race',
  },
  {
    roles: /^(Api|Refresh)Role$/,
    actions: /^s3:ListBucket$/,
    because: 'before the first refresh there is no catalogue, and S3 answers 403 in place of 404 without it',
  },
  {
    roles: /^(React|Sync)Role$/,
    actions: /^ec2:(DescribeImages|DeleteTags)$/,
    because:
      "only an image of one's own is described, and only a fleet that loses a tag takes it from its instances",
  },
  {
    roles: /^RefreshRole$/,
    actions: /^pricing:GetProducts$/,
    because: 'on-demand prices are read once a day, and another process may have read them by then',
  },
  {
    roles: /./,
    actions: /^dynamodb:GetItem$/,
    because: 'it reads no more than BatchGetItem does, and the store may ask for one item or for several',
  },
];

/** Actions that a role grants and its function never takes. `sync` heals by the reactions of `react`: they share. */
export function unused({ roles }: Deployed, needed: readonly Call[]): string[] {
  const taken = new Map<string, Set<string>>();
  const reactions = ['ReactRole', 'SyncRole'];
  for (const { role, action } of needed)
    for (const one of reactions.includes(role) ? reactions : [role])
      taken.set(one, (taken.get(one) ?? new Set()).add(action));
  const granted = [...roles].flatMap(([role, policies]) => {
    const actions = policies.flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action),
    );
    return [...new Set(actions)].map((action) => ({ role, action }));
  });
  return granted
    .filter(({ role, action }) => !taken.get(role)?.has(action))
    .filter(
      ({ role, action }) => !seldom.some(({ roles, actions }) => roles.test(role) && actions.test(action)),
    )
    .map(({ role, action }) => `${role} grants ${action}, which nothing that is tested here needs`);
}
