import type { Provenance, StreamRef } from '../../domain/kernel/stream.ts';
import { keyOf } from '../../domain/streams.ts';

/** A reaction's commits name the commit that they react to. */
export const provenanceOf = (
  on: { readonly by: string },
  stream: StreamRef,
  version: number,
  correlation: string,
): Provenance => ({ by: on.by, causation: `${keyOf(stream)}/${version}`, correlation });
