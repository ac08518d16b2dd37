import { type _InstanceType, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { existing, NO_RESOURCE } from './existing.ts';
import type { Asked } from './refusal.ts';
import type { Vitals } from './vitals.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html */
const SPOT_ROLE = 'AWSServiceRoleForEC2Spot';

export function awsVitals({ region, profile }: Asked): Vitals {
  const settings = { region, ...(profile !== undefined && { profile }) };
  const ec2 = new EC2Client({ ...settings, maxAttempts: 1 });

  return {
    async quotas(codes) {
      const client = new ServiceQuotasClient(settings);
      const found = new Map<string, number>();
      for await (const { Quotas = [] } of paginateListServiceQuotas({ client }, { ServiceCode: 'ec2' }))
        for (const { QuotaCode = '', Value } of Quotas)
          if (codes.includes(QuotaCode) && Value !== undefined) found.set(QuotaCode, Value);
      return found;
    },

    async hasSpotRole() {
      return (
        (await existing(
          ['NoSuchEntityException', 'NoSuchEntity'],
          new IAMClient(settings).send(new GetRoleCommand({ RoleName: SPOT_ROLE })),
        )) !== null
      );
    },

    async imageAt(Name) {
      const answer = await existing(
        ['ParameterNotFound'],
        new SSMClient(settings).send(new GetParameterCommand({ Name })),
      );
      return answer?.Parameter?.Value ?? null;
    },

    async tryLaunch({ type, image, subnet }) {
      try {
        await ec2.send(
          new RunInstancesCommand({
            DryRun: true,
            ...{ MinCount: 1, MaxCount: 1, ImageId: image, SubnetId: subnet },
            InstanceType: type as _InstanceType,
            MetadataOptions: { HttpTokens: 'required' },
          }),
        );
        throw new Error('EC2 answered a dry run as if it had launched');
      } catch (error) {
        if (!(error instanceof Error) || !('$metadata' in error)) throw error;
        return error.name === 'DryRunOperation' ? 'allowed' : { code: error.name, message: error.message };
      }
    },

    async functionState(FunctionName) {
      const answer = await existing(
        NO_RESOURCE,
        new LambdaClient(settings).send(new GetFunctionConfigurationCommand({ FunctionName })),
      );
      return (
        answer && {
          state: answer.State ?? 'Active',
          update: answer.LastUpdateStatus ?? 'Successful',
          runtime: answer.Runtime ?? '',
          modified: answer.LastModified ?? '',
        }
      );
    },
  };
}
