import { shortImageId } from '../container/image-name.ts';
import { nodeName } from '../gang/words.ts';
import type { InstanceEvent } from '../instance/events.ts';
import type { JobEvent } from '../job/events.ts';
import { iso } from '../kernel/instant.ts';
import { saidBy } from '../kernel/said-by.ts';
import type { DomainEvent } from '../kernel/stream.ts';
import { asked } from '../planning/asked.ts';
import type { RunEvent } from '../run/events.ts';
import { commandsText, termsText, who, words } from './said.ts';

type Told = RunEvent | JobEvent | InstanceEvent;
type Words = { readonly [T in Told['type']]?: (event: Extract<Told, { type: T }>) => string };

const said: Words = {
  RunSubmitted: ({ user, configuration }) =>
    `submitted by ${user}: ${commandsText(configuration.commands)}; asks for ${asked(configuration.requirements)}`,
  RunMoved: ({ fleet, message }) => `goes to fleet ${fleet}: ${message}`,
  RunStopRequested: ({ mode, by }) =>
    `${who(by)} asked ${mode === 'abort' ? 'to abort it' : 'for it to stop'}`,
  RunFinished: ({ status, reason }) => `the run is ${status}: ${words(reason)}`,

  NodeArrived: ({ index, submission, ec2, address, sighting }) =>
    `${nodeName(index, ec2)} is there as submission ${submission}, at ${address}${sighting === null ? '' : `; its container: ${sighting.state}`}`,
  GangMet: ({ order, warnings }) =>
    ['all nodes are there', ...(order === null ? [] : [`${order} the container`]), ...warnings].join('; '),
  GangRefused: ({ message }) => `the nodes may not go on: ${message}`,
  NodePrepared: ({ index }) => `node ${index} is prepared`,
  GangParted: ({ message }) => `the nodes go on no longer: ${message}`,
  GangGivenBack: ({ message }) => `the instances are given back: ${message}`,

  JobQueued: ({ spec }) => `waits in the queue of fleet ${spec.fleet}, priority ${spec.priority}`,
  JobMoved: ({ fleet }) => `waits in the queue of fleet ${fleet}`,
  PlacementDeferred: ({ wait }) => `waits: ${wait.message}`,
  SubmissionAssigned: ({ submission, offer }) => `submission ${submission} is promised ${termsText(offer)}`,
  OfferRefused: ({ offer, refusal }) =>
    `refused (${refusal.class}): ${termsText(offer)}: ${refusal.code}: ${refusal.message}`,
  StartSent: ({ submission, command }) => `start of submission ${submission} sent: SSM command ${command}`,
  StartRepeated: ({ submission, command }) =>
    `start of submission ${submission} sent again, as its instance knew nothing of it: SSM command ${command}`,
  CommandFailed: ({ command, status }) => `SSM command ${command} came to nothing: ${status}`,
  SubmissionFellSilent: ({ looks }) =>
    looks === 1
      ? 'no report, and its instance’s agent is not connected'
      : 'silent for longer than a living machine can be',
  SubmissionHeardAgain: () => 'heard of again',
  SubmissionStaged: ({ stage, message }) => `${stage}: ${message}`,
  ContainerReady: ({ name, id, how, warnings, ...made }) =>
    [
      `container ${name} (${id.slice(0, 12)}) ${how === 'attached' ? 'runs, attached to it' : 'started'}${fromImage(made)}`,
      ...warnings,
    ].join('; '),
  GangAwaited: () => 'waits for the end of the other nodes',
  SubmissionStarted: ({ submission }) => `the commands of submission ${submission} run`,
  StopRequested: ({ mode, reason }) =>
    `${mode === 'abort' ? 'to be aborted' : 'to be stopped'}: ${words(reason)}`,
  StopSent: ({ submission, command }) => `stop of submission ${submission} sent: SSM command ${command}`,
  SubmissionEnded: ({ submission, status, reason, exit_status, signal, message }) =>
    [
      `submission ${submission} ${status === 'done' ? 'is done' : status}: ${words(reason)}`,
      ...(exit_status === null ? [] : [`exit status ${exit_status}`]),
      ...(signal === null ? [] : [signal]),
      ...(message === null ? [] : [message]),
    ].join(', '),
  JobRequeued: ({ submission }) => `back in the queue, as submission ${submission}`,
  RetryScheduled: ({ wait }) => `waits: ${wait.message}`,
  SpotGivenUp: ({ because, times }) => `spot was ${because} ${times} times: on-demand only from here on`,
  SpotReconsidered: () => 'nothing on demand either: spot will do again',
  JobEnded: ({ status, reason, message }) =>
    `the job is ${status}: ${words(reason)}${message === null ? '' : `: ${message}`}`,

  InstanceRequested: ({ offer }) => `intent to launch ${termsText(offer)}`,
  LaunchThrottled: ({ code, until }) => `EC2 throttles (${code}): not asked again before ${iso(until)}`,
  LaunchDeferred: ({ code, message, until }) =>
    `EC2 does not know yet what it takes (${code}: ${message}): asked again at ${iso(until)}`,
  LaunchRefused: ({ code, message }) => `EC2 refused the launch: ${code}: ${message}`,
  InstanceLaunched: ({ ec2 }) => `launched as ${ec2}`,
  BootReported: ({ message }) => `booting: ${message}`,
  InstanceReady: () => 'ready for commands',
  InstanceClaimed: ({ claim }) => `idle, and claimed for submission ${claim.submission}`,
  InstanceDivided: ({ blocks, claimed }) =>
    `cut into ${blocks} blocks${claimed.length > 0 ? `, of which it has ${claimed.length}` : ''}`,
  BlocksClaimed: ({ claim, blocks }) =>
    `${blocks.length} of its blocks claimed for submission ${claim.submission}`,
  InstanceReleased: ({ claim }) => `free again after submission ${claim.submission}`,
  InterruptionNoticed: () => 'EC2 takes the spot instance back in two minutes',
  InstanceMissed: () => "missing in EC2's listing",
  InstanceSighted: () => "in EC2's listing again",
  IdleBehaviorSet: (event) => `set to ${event.behavior} ${saidBy(event)}`,
  HealthPassed: ({ claim }) => `passed its health check before submission ${claim.submission}`,
  HealthFailed: ({ claim, output }) =>
    `failed its health check before submission ${claim.submission}: ${output}`,
  HealthDoubted: ({ claim, because }) =>
    `submission ${claim.submission} failed there (${because}): checked again before the next`,
  StartFailed: ({ claim, because }) => `submission ${claim.submission} could not start there: ${because}`,
  InstanceReconfigured: ({ health }) =>
    `follows its fleet's new configuration${health === 'unchecked' ? ', and is checked before its next job' : ''}`,
  InstanceTagged: () => 'tagged anew in EC2',
  KillRequested: (event) => `killed ${saidBy(event)}`,
  TerminationRequested: ({ reason }) => `to be terminated: ${words(reason)}`,
  InstanceTerminated: ({ reason }) => `gone: ${words(reason)}`,
};

/** `, from ubuntu:24.04 (9c7a54a9a43c)`, as far as it is known. */
function fromImage({ image, image_id }: { image: string | null; image_id: string | null }): string {
  const id = image_id === null ? null : shortImageId(image_id);
  if (image === null) return id === null ? '' : `, from image ${id}`;
  return `, from ${image}${id === null ? '' : ` (${id})`}`;
}

/** An event in words; one that has none here is told by its name, never left out. */
export function inWords(event: DomainEvent): string {
  const speak = (said as Readonly<Record<string, ((event: DomainEvent) => string) | undefined>>)[event.type];
  return speak?.(event) ?? event.type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
