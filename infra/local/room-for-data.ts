import { statfsSync } from 'node:fs';

/** What is begun on a nearly full disk would stop in its middle, with whatever error comes first. */
class DataFull extends Error {
  readonly code = 'SORTIE_DATA_FULL';
}

// An idle embedded Sortie has some 10 MB, and each run adds its output.
const LEAST_FREE_MIB = 64;
const MIB = 2 ** 20;

/** Throws `SORTIE_DATA_FULL` where the filesystem of the folder has no room to work with. */
export function seeRoomForData(dataDir: string): void {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = Math.floor((bavail * bsize) / MIB);
  if (free < LEAST_FREE_MIB)
    throw new DataFull(`${dataDir} has ${free} MiB free, and needs ${LEAST_FREE_MIB} MiB to start`);
}
