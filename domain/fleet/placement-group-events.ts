import * as z from 'zod';

const group = z.string();

/** Of a fleet with `placement: cluster`: EC2's cluster placement group, by the name that we have for it. */
export const PlacementGroupEvent = z.discriminatedUnion('type', [
  /** It is about to be created, for the fleet's first launch. */
  z.object({ type: z.literal('PlacementGroupRequested'), group }),
  /** EC2 has it, under this name. */
  z.object({ type: z.literal('PlacementGroupCreated'), group, name: z.string() }),
  /** Its fleet has no use for it any more: it is about to be deleted, and nothing is launched into it. */
  z.object({ type: z.literal('PlacementGroupReleased'), group }),
  z.object({ type: z.literal('PlacementGroupDeleted'), group }),
]);
export type PlacementGroupEvent = z.infer<typeof PlacementGroupEvent>;
