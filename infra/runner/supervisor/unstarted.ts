/** Why the commands of a job did not begin. `instance`: what the instance lacks, which another may have. */
export interface Unstarted {
  readonly cause: 'setup' | 'instance' | 'health' | 'fetch';
  readonly message: string;
}

// A disk that is full, read-only or broken; no memory, processes or open files left (errno(3)).
const LACKS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENOMEM', 'EAGAIN', 'EMFILE', 'ENFILE'];

/** Whether an error says that the instance lacks something, and not that the job asks for what cannot be. */
export const isLackOfInstance = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && LACKS.includes(error.code);
