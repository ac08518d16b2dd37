import type { Sighting } from '../../../../domain/container/sighting.ts';
import type { BundledContainer } from '../../contract.ts';
import { complaint, type Ended } from './run-cli.ts';
import { changedFields, imageIn } from './started-with.ts';

/** What we read of an engine's `inspect`, of a container or an image. */
export type Inspected = {
  Id?: string;
  Name?: string;
  Image?: string;
  /** Podman's. */
  ImageName?: string;
  State?: { Status?: string; StartedAt?: string };
  Config?: {
    Image?: string;
    Labels?: Record<string, string> | null;
    WorkingDir?: string;
    Entrypoint?: string[] | string | null;
    Cmd?: string[] | null;
  };
};

export const isAbsence = (said: string) => /no such (container|object)|no container with name/i.test(said);

/** Absent is only what the engine calls so: anything else that went wrong is no answer. */
export function sightingOf(
  name: string,
  ended: Ended,
  found: Inspected | null,
  { tagged, wanted }: { tagged: string | null; wanted: BundledContainer | null },
): Sighting {
  if (ended.status !== 0 || ended.cut !== null)
    return ended.cut === null && isAbsence(ended.err)
      ? { state: 'absent' }
      : { state: 'unknown', why: complaint(ended) };
  const { Id, Name, Image, ImageName, State, Config } = found ?? {};
  // The beginning of an id would do for `inspect` as well.
  if (Name !== undefined && Name.replace(/^\//, '') !== name) return { state: 'absent' };
  if (Id === undefined || State?.Status === undefined)
    return { state: 'unknown', why: 'its answer could not be read' };
  if (State.Status !== 'running') return { state: 'stopped', id: Id, status: State.Status };
  const labels = Config?.Labels ?? {};
  return {
    state: 'running',
    id: Id,
    started_at: `${State.StartedAt}`,
    image_id: Image || null,
    tagged_image_id: tagged,
    image: imageIn(labels) ?? ImageName ?? Config?.Image ?? null,
    changed: wanted === null ? [] : changedFields(labels, wanted),
  };
}
