import * as z from 'zod';

/** What a container is to its job: found there, made for this run alone, or made once and kept. */
export const Lifetime = z.enum(['no_launch', 'per_run', 'persistent']);
export type Lifetime = z.infer<typeof Lifetime>;

/**
 * What a node's engine says of the container of a name. `unknown`: it could not be asked, or its answer is not to be
 * trusted, which is not the same as `absent`.
 */
export const Sighting = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('running'),
    id: z.string(),
    started_at: z.string(),
    /** The image that it was made from; null where the engine does not say. */
    image_id: z.string().nullable(),
    /** What the image's name means on the node now; null where it is not there, or no image is named. */
    tagged_image_id: z.string().nullable(),
    /** The name of the image that it was started from; null where nobody knows. Not in what was stored before it was compared. */
    image: z.string().nullable().default(null),
    /** The fields of the run configuration that it was not started with. Likewise. */
    changed: z.array(z.string()).default([]),
  }),
  /** There, but not running: created, paused, exited or dead. */
  z.object({ state: z.literal('stopped'), id: z.string(), status: z.string() }),
  z.object({ state: z.literal('absent') }),
  z.object({ state: z.literal('unknown'), why: z.string() }),
]);
export type Sighting = z.infer<typeof Sighting>;

/** A container that is up and set up. */
export const ReadyContainer = z.object({
  id: z.string(),
  name: z.string(),
  image_id: z.string().nullable(),
  /** The name of the image that it was started from; null where nobody knows, and in what was stored before it was kept. */
  image: z.string().nullable().default(null),
  started_at: z.string(),
  how: z.enum(['attached', 'started']),
  warnings: z.array(z.string()),
});
export type ReadyContainer = z.infer<typeof ReadyContainer>;
