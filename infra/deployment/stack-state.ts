import type { Stack } from './account.ts';
import { Refusal } from './refusal.ts';

export interface Place {
  readonly stack: string;
  readonly stage: string;
  readonly region: string;
}

/** Whether a stack may be deployed to; throws a `Refusal` with what has to be done first. */
export function deployable(stack: Stack | null, { stack: name, stage, region }: Place): 'new' | 'update' {
  if (stack === null) return 'new';
  const { status } = stack;
  const why = stack.reason === null ? '' : ` (${stack.reason})`;
  const aws = (command: string) => `aws cloudformation ${command} --region ${region} --stack-name ${name}`;
  const again = `sortie deploy --stage ${stage} --region ${region}`;
  if (status === 'ROLLBACK_COMPLETE' || status === 'ROLLBACK_FAILED' || status === 'CREATE_FAILED')
    return refuse(
      `${name} was never created (${status}${why}), and CloudFormation updates no such stack`,
      `sortie remove --stage ${stage} --region ${region}, then: ${again}`,
    );
  if (status === 'UPDATE_ROLLBACK_FAILED')
    return refuse(
      `the last update of ${name} failed, and so did going back (${status}${why})`,
      `${aws('continue-update-rollback')}, then: ${again}`,
    );
  if (status === 'DELETE_FAILED')
    return refuse(
      `${name} is half removed (${status}${why})`,
      `sortie remove --stage ${stage} --region ${region}`,
    );
  if (status === 'REVIEW_IN_PROGRESS')
    return refuse(
      `${name} is a change set that nobody has executed (${status})`,
      `${aws('delete-stack')}, then: ${again}`,
    );
  if (status === 'DELETE_IN_PROGRESS')
    return refuse(`${name} is being removed`, `${aws('wait stack-delete-complete')}, then: ${again}`);
  if (status.endsWith('_IN_PROGRESS'))
    return refuse(
      `${name} is being deployed by somebody else, or by an earlier command (${status})`,
      `${aws('wait stack-update-complete')}, then: ${again}`,
    );
  return 'update';
}

function refuse(happened: string, next: string): never {
  throw new Refusal(happened, next);
}
