import * as z from 'zod';
import { SECRET_NAME, SECRET_NAME_RULE } from '../secrets/secret.ts';

export const SecretName = z
  .string({ error: () => 'must be a text' })
  .regex(SECRET_NAME, `is not the name of a secret: ${SECRET_NAME_RULE}`);

/** No message of it has the value, whatever was sent as one. */
export const SecretRequest = z
  .strictObject({
    name: SecretName.meta({ example: 'HF_TOKEN' }),
    value: z.string({ error: () => 'must be a text' }).meta({
      description: 'UTF-8, 4,096 bytes at most. No answer has it',
    }),
  })
  .meta({ id: 'SecretRequest' });

export const SecretChange = z
  .object({ name: z.string(), outcome: z.enum(['created', 'replaced', 'deleted']) })
  .meta({ id: 'SecretChange' });
export type SecretChange = z.infer<typeof SecretChange>;

export const SecretList = z
  .object({
    secrets: z.array(
      z.object({
        name: z.string(),
        set_at: z.string().meta({
          description: 'When it was last given a value: ISO 8601, UTC',
          format: 'date-time',
        }),
      }),
    ),
    next: z.string().optional(),
  })
  .meta({ id: 'SecretList' });
export type SecretList = z.infer<typeof SecretList>;
