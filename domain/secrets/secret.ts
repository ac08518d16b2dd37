import { bytesOf, unwritable } from '../configuration/text.ts';

/** As long as dstack's, and of the characters that its references take: https://dstack.ai/docs/concepts/secrets. */
export const SECRET_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,199}$/;
export const SECRET_NAME_RULE = 'letters, digits and _ only, not starting with a digit, 200 at most';

/** Bytes of a standard parameter: https://docs.aws.amazon.com/general/latest/gr/ssm.html. */
export const MAX_SECRET_BYTES = 4096;

// PutParameter: "Do not use {{}} in the value", https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
const NESTED = /\{\{.*\}\}/s;

/** Why a value cannot be kept, without the value; `null`: it can. A second line is a hint. */
export function wrongSecret(value: string): string | null {
  if (value === '') return 'is empty';
  const bytes = bytesOf(value);
  if (bytes > MAX_SECRET_BYTES)
    return `has ${bytes} bytes; Parameter Store takes ${MAX_SECRET_BYTES} at most\nput large data into S3, and its key here`;
  const bad = unwritable(value);
  if (bad !== null) return bad;
  if (NESTED.test(value)) return 'has {{ }}, which Parameter Store refuses\nset it as base64';
  return null;
}
