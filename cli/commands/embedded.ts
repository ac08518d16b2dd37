import { shown } from '../connection.ts';
import { Exit, Failure } from '../exit.ts';
import { liveLine } from '../terminal/live-line.ts';
import { err } from '../terminal/output.ts';
import { elapsed } from '../terminal/units.ts';

/** The embedded AWS with all functions on it, answering. */
export interface Embedded {
  readonly url: string;
  readonly token: string;
  readonly aws: { readonly ec2: { readonly sandbox: string } };
  livingOn(): LivingOn;
  close(instances?: 'live-on' | 'end'): Promise<void>;
}

/** What goes on after it has been closed, and for how long at the most. */
interface LivingOn {
  readonly instances: number;
  readonly seconds: number;
}

/** What to say of it at the end. */
export function livingOnLines({ instances, seconds }: LivingOn, data: string): string[] {
  if (instances === 0) return [];
  const [start, to] =
    data === '.sortie' ? ['npm start', ''] : [`npm start -- --data ${data}`, ` --data ${data}`];
  const go = instances === 1 ? 'instance goes' : 'instances go';
  return [
    `${instances} ${go} on, with what runs there, for the next start: ${start}`,
    `without one ${instances === 1 ? 'it ends' : 'they end'} after ${elapsed(seconds * 1_000)}; to end one at once, start, then: sortie instance${to}, sortie instance kill ID${to}`,
  ];
}

/** Starts it, telling how far it is; whatever is expected to go wrong comes as a `Failure`. */
export async function startedEmbedded(
  port: number,
  dataDir: string,
  home: 'shown' | 'hidden' = 'hidden',
): Promise<Embedded> {
  // Only here, as it loads every function and the AWS clients.
  const { startEmbedded } = await import('../../infra/local/embedded-sortie.ts');
  const live = liveLine(err);
  try {
    return await startEmbedded({
      port,
      dataDir,
      home,
      onProgress: (what) => live.show(() => `starting: ${what}`),
    });
  } catch (error) {
    throw whyNotStarted(error, port, dataDir);
  } finally {
    live.end();
  }
}

/** By the `code` that each carries: Node's own, and those of infra/local. */
export function whyNotStarted(error: unknown, port: number, dataDir: string): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  const failure = (said: string, next: string) => new Failure(said, { exit: Exit.failed, next });
  switch (code) {
    case 'EADDRINUSE':
      return failure(`port ${port} is in use`, `npm start -- --port ${port + 1}`);
    case 'EACCES':
      return failure(
        `no permission: ${message}`,
        'choose a port above 1023 and a folder of your own: --port, --data',
      );
    case 'SORTIE_DATA_LOCKED':
      return failure(
        `another Sortie is using ${shown(dataDir)}`,
        'use that one (sortie ps), or give this one its own folder: npm start -- --port 3001 --data .sortie-2',
      );
    case 'SORTIE_DATA_FULL':
    case 'ENOSPC':
    case 'EDQUOT':
      return failure(
        `the disk of the data folder is full: ${message}`,
        'free some of it, or keep the data on another disk: npm start -- --data FOLDER',
      );
    case 'EROFS':
      return failure(
        `the data folder is on a read-only filesystem: ${message}`,
        'mount it read-write, or keep the data elsewhere: npm start -- --data FOLDER',
      );
    case 'SORTIE_DATA_UNSAFE':
      return failure(
        `the data folder is not yours alone: ${message}`,
        'start Sortie with a folder that only you can write in, npm start -- --data .sortie-2, or remove this one',
      );
    case 'SORTIE_NO_ENGINE':
      return failure(
        message,
        'npm ci, or name another DynamoDB: SORTIE_DYNAMODB_ENDPOINT=http://127.0.0.1:8000 npm start',
      );
    default:
      return new Failure(`the embedded Sortie does not start: ${message}`, { cause: error });
  }
}
