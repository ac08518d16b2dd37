import type { CodeArchive } from '../run/code.ts';

/** Names one archive: by what is in it, so that the same files are stored once for a project. */
export interface CodeRef {
  readonly project: string;
  readonly sha256: string;
}

/** A request that stores an archive for whoever makes it, once its bytes are as said. */
export interface Upload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the files of runs rest. An archive is there whole or not at all. */
export interface CodeStore {
  /** Bytes of an archive that stays for long enough; undefined: it is not there, or to be stored again. */
  find(at: CodeRef): Promise<number | undefined>;
  /** A link that stores exactly this archive, for an hour. */
  uploadLink(project: string, archive: CodeArchive): Promise<Upload>;
  /** A link that reads the archive, for hours: an instance may still have to boot. */
  link(at: CodeRef): Promise<string>;
}
