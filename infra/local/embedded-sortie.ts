import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { clockAt } from '../clock.ts';
import { writeDocuments } from '../runner/write-documents.ts';
import { adminToken, clockOrigin, keptPort, lockDataFolder, secureDataFolder } from './data-folder.ts';
import { type EmbeddedAws, startEmbeddedAws } from './embedded-aws.ts';
import { inheritedOf, localEnvironment } from './environment.ts';
import { type Host, startHost } from './host/host.ts';
import { deploy, readService } from './host/service/deploy.ts';
import { seeRoomForData } from './room-for-data.ts';
import { publishEndpoint } from './wire/endpoints-file.ts';
import { createFaults } from './wire/faults.ts';

const SERVICE = fileURLToPath(new URL('../../serverless.yml', import.meta.url));
const PLACE = { stage: 'local', region: 'us-east-1', account: '000000000000' } as const;

// A deployment's jobs outlive an outage of an hour; who closes the laptop does not come back for theirs.
const DEADMAN_SECONDS = 600;

export interface EmbeddedSortie {
  readonly url: string;
  readonly token: string;
  readonly aws: EmbeddedAws;
  readonly host: Host;
  /** How many instances would live on if it were closed now, and for how long at the most without a next start. */
  livingOn(): { readonly instances: number; readonly seconds: number };
  /**
   * Stops answering and waits for what runs here. Instances live on, as EC2's would, for the next start on the folder
   * or until their dead-man timer, unless they are to `end` with it.
   */
  close(instances?: 'live-on' | 'end'): Promise<void>;
}

export interface EmbeddedOptions {
  /** Of the API, on 127.0.0.1; 0: any free one. */
  readonly port: number;
  /** Absolute. Everything is kept in it. */
  readonly dataDir: string;
  readonly onProgress?: (what: string) => void;
  /** Whether jobs see the home folder of the user who starts it; by default they do not. */
  readonly home?: 'shown' | 'hidden';
  /** Another DynamoDB than SORTIE_DYNAMODB_ENDPOINT's, or the embedded one. */
  readonly dynamodbEndpoint?: string;
  /** `--param`s of serverless.yml, beyond those that the embedded AWS needs. */
  readonly params?: Readonly<Record<string, string>>;
  /** So many times as fast as it does, time goes by for the functions: a test does not sit out a boot's ten minutes. */
  readonly clockRate?: number;
  /** Executions at once that the account has; its API's throttles are those of serverless.yml then. */
  readonly concurrency?: number;
  /** What goes wrong in its AWS from the start. */
  readonly faults?: Parameters<typeof createFaults>[0];
}

/** Deploys serverless.yml onto an embedded AWS in this process. Throws with a `code` what a user can do something about. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedSortie> {
  const { port, dataDir, onProgress = () => {}, clockRate = 1 } = options;
  secureDataFolder(dataDir);
  seeRoomForData(dataDir);
  const lock = lockDataFolder(dataDir);
  const undo: (() => Promise<void> | void)[] = [lock.release];
  try {
    const { token, sha256 } = adminToken(dataDir);
    const environment = localEnvironment();
    onProgress('SSM documents');
    await writeDocuments();
    const params = {
      deadmanSeconds: String(DEADMAN_SECONDS),
      // The embedded EC2 has no buckets to spare, but for a `throttle` among its faults.
      launchesPerSecond: '1000',
      cloudCallsPerSecond: '1000',
      // Executions cost nothing here, unless the account is to have few.
      longPollSeconds: options.concurrency === undefined ? '20' : '0',
      ...options.params,
      functions: 'functions',
      tokens: `admin:${sha256}`,
    };
    const service = readService({ file: SERVICE, ...PLACE, params });
    const planned = deploy(service, { apiUrl: 'http://127.0.0.1', sqsUrl: 'http://127.0.0.1' });

    onProgress('the embedded AWS');
    const origin = clockRate === 1 ? 0 : clockOrigin(dataDir);
    const aws = await startEmbeddedAws({
      dataDir,
      deployment: planned,
      dynamodbEndpoint: options.dynamodbEndpoint ?? environment.SORTIE_DYNAMODB_ENDPOINT,
      inherited: inheritedOf(environment),
      faults: createFaults(options.faults),
      hides: options.home === 'shown' ? [] : [homedir()],
      now: clockAt(clockRate, origin).now,
      ...(options.concurrency !== undefined && { logReads: 10 }),
    });
    undo.unshift(aws.close);
    publishEndpoint(dataDir, 'dynamodb', aws.endpoints.DYNAMODB);
    publishEndpoint(dataDir, 'table', String(planned.tables[0]?.['TableName']));

    onProgress('the functions');
    const reports = await keptPort(dataDir, 'report');
    const host = await startHost({
      service,
      dataDir,
      database: aws.database,
      queues: aws.queues,
      buses: aws.buses,
      ...(aws.writes !== null && { writes: aws.writes }),
      port,
      innerPort: reports.port,
      endpoints: aws.endpoints,
      ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
      credentials: aws.credentials,
      timings: { minuteMs: 60_000 / clockRate },
      environment: {
        SORTIE_CLOCK_RATE: String(clockRate),
        SORTIE_CLOCK_ORIGIN: String(origin),
      },
      ...(aws.dynamodb.trimStream ? { trimStream: aws.dynamodb.trimStream } : {}),
    });
    undo.unshift(host.close);
    if (host.innerUrl !== null) reports.keep(Number(new URL(host.innerUrl).port));
    publishEndpoint(dataDir, 'api', host.url);
    await refreshCatalogue(aws, host);
    // What happened while nobody was here is not left to the schedule's first minute.
    host.fire('sync');
    const close = async (instances: 'live-on' | 'end' = 'live-on') => {
      if (instances === 'end') await aws.ec2.terminateAll();
      await closeAll(undo);
    };
    const livingOn = () => ({ instances: aws.ec2.living(), seconds: DEADMAN_SECONDS });
    return { url: host.url, token, aws, host, livingOn, close };
  } catch (error) {
    await closeAll(undo);
    throw error;
  }
}

/**
 * Reads what EC2 has, as at the end of a deployment: the shipped catalogue is of another account, in which a zone's name
 * stands for another zone. Where there is a catalogue already, nobody waits for a newer one.
 */
async function refreshCatalogue(aws: EmbeddedAws, host: Host): Promise<void> {
  if (await aws.hasCatalogue()) host.fire('refresh');
  else await host.invoke('refresh', {});
}

async function closeAll(undo: readonly (() => Promise<void> | void)[]): Promise<void> {
  for (const close of undo) await close();
}
