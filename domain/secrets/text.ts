import * as z from 'zod';

/** A text as it rests until it is used: in parts where it names secrets, whose values are not known before then. */
export const SecretText = z.union([
  z.string(),
  z.array(z.union([z.string(), z.strictObject({ secret: z.string() })])).readonly(),
]);
export type SecretText = z.infer<typeof SecretText>;

/** The names of the secrets in a text, in their order. */
export const secretsIn = (text: SecretText): string[] =>
  typeof text === 'string' ? [] : text.flatMap((part) => (typeof part === 'string' ? [] : [part.secret]));

/** The text with the values of its secrets. Throws for a secret that `values` lacks. */
export const revealed = (text: SecretText, values: ReadonlyMap<string, string>): string =>
  typeof text === 'string'
    ? text
    : text.map((part) => (typeof part === 'string' ? part : valueOf(part.secret, values))).join('');

function valueOf(name: string, values: ReadonlyMap<string, string>): string {
  const value = values.get(name);
  if (value === undefined) throw new Error(`the secret ${name} was not read`);
  return value;
}
