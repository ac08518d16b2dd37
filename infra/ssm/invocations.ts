import {
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { Instant } from '../../domain/kernel/instant.ts';
import type { Runtime } from '../../domain/kernel/runtime.ts';

export type Output =
  | { readonly kind: 'printed'; readonly text: string }
  | { readonly kind: 'unreachable'; readonly detail: string };

const PAUSE = { first: 100, most: 1_000 };

/** What each instance printed for a command; one that has not ended by `until` counts as unreachable, nothing more. */
export async function awaitOutputs(
  client: SSMClient,
  runtime: Pick<Runtime, 'now' | 'pause'>,
  { command, ec2s, until }: { command: string; ec2s: readonly string[]; until: Instant },
): Promise<ReadonlyMap<string, Output>> {
  const outputs = new Map<string, Output>();
  for (let pause = PAUSE.first; ; pause = Math.min(PAUSE.most, pause * 2)) {
    await runtime.pause(Math.max(0, Math.min(pause, until - runtime.now())));
    for (const ec2 of await endedOn(client, command)) {
      if (outputs.has(ec2)) continue;
      const output = await outputOf(client, command, ec2);
      if (output !== 'not-yet') outputs.set(ec2, output);
    }
    const missing = ec2s.filter((ec2) => !outputs.has(ec2));
    if (missing.length === 0) return outputs;
    if (runtime.now() < until) continue;
    for (const ec2 of missing)
      outputs.set(ec2, { kind: 'unreachable', detail: `no answer yet to command ${command}` });
    return outputs;
  }
}

/** Right after SendCommand the list is empty: the invocations appear within a second or so. */
async function endedOn(client: SSMClient, CommandId: string): Promise<string[]> {
  const ended: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new ListCommandInvocationsCommand({ CommandId, MaxResults: 50, ...(NextToken && { NextToken }) }),
    );
    for (const { InstanceId, Status } of page.CommandInvocations ?? [])
      if (InstanceId !== undefined && hasEnded(Status)) ended.push(InstanceId);
    NextToken = page.NextToken;
  } while (NextToken);
  return ended;
}

async function outputOf(
  client: SSMClient,
  CommandId: string,
  InstanceId: string,
): Promise<Output | 'not-yet'> {
  try {
    // The list has 2,500 characters of an output, this call 24,000.
    const invocation = await client.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
    const { StandardOutputContent, StandardErrorContent, Status, StatusDetails } = invocation;
    if (!hasEnded(Status)) return 'not-yet';
    if (plain(Status) === 'Success') return { kind: 'printed', text: StandardOutputContent ?? '' };
    // The agent's own line comes last, and tells no more than the status does.
    const said = (StandardErrorContent ?? '')
      .trim()
      .split('\n')
      .findLast((line) => !line.startsWith('failed to run commands: '));
    return { kind: 'unreachable', detail: `${plain(StatusDetails ?? Status)} ${said ?? ''}`.trim() };
  } catch (error) {
    if (error instanceof Error && error.name === 'InvocationDoesNotExist') return 'not-yet';
    throw error;
  }
}

/** SSM writes `TimedOut` here and `Timed Out` there. */
const plain = (status: string | undefined): string => (status ?? '').replaceAll(' ', '');

const hasEnded = (status: string | undefined): boolean =>
  !['', 'Pending', 'InProgress', 'Delayed', 'Cancelling'].includes(plain(status));
