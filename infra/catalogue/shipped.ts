// Written by refresh.ts: every catalogue in this folder.
import usEast1 from './us-east-1.json' with { type: 'json' };

export const shipped: Readonly<Record<string, unknown>> = {
  'us-east-1': usEast1,
};
