import * as z from 'zod';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { ToService } from '../instance/protocol.ts';
import { parseJson } from '../wire/parse-json.ts';

const delivery = z.string();

/** An agent's line is checked: a job on the instance can reach the same port, and must not bring the service down. */
const messageSchema: z.ZodType<ToService> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), instance: z.string(), token: z.string() }),
  z.strictObject({ type: z.literal('started'), delivery, at: z.number() }),
  z.strictObject({
    type: z.literal('finished'),
    delivery,
    result: z.strictObject({
      end: z.enum(['exited', 'timed-out', 'cancelled', 'too-late']),
      code: z.number(),
      stdout: z.string(),
      stderr: z.string(),
      startedAt: z.number(),
      finishedAt: z.number(),
    }),
  }),
]);

export function readMessage(line: string): Result<ToService, string> {
  const json = parseJson(line);
  if (!json.ok) return json;
  const message = messageSchema.safeParse(json.value);
  return message.success ? ok(message.data) : fail(z.prettifyError(message.error));
}
