const SECRET = /\b(?:env|registry_auth|container)\b/;

/**
 * Whether an offset is among the lines of `env`, `registry_auth` or `container`, whose values may be secrets and are
 * not to be shown. Told from the text alone, as it is asked of text that does not parse; in doubt the answer is yes.
 */
export function amongSecrets(text: string, offset: number): boolean {
  const end = text.indexOf('\n', offset);
  const lines = text.slice(0, end < 0 ? text.length : end).split('\n');
  if (SECRET.test(lines.at(-1) ?? '')) return true;
  // Lists may stand in the column of their field; comments and blank lines belong to none.
  const field = lines.findLast((line) => /^[^\s#-]/.test(line));
  return field !== undefined && SECRET.test(field);
}
