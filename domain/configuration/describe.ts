const SHOWN_CHARACTERS = 60;

/** A value as a message shows it: short, on one line, and without characters that would act on a terminal. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  return `a ${typeof value}`;
}

export function quote(text: string): string {
  const characters = Array.from(text.slice(0, 2 * SHOWN_CHARACTERS));
  const shown = characters.slice(0, SHOWN_CHARACTERS).join('');
  const cut = shown.length < text.length;
  return `${visible(JSON.stringify(shown))}${cut ? '…' : ''}`;
}

/** Control and bidirectional-override characters, spelt out: a configuration may come from anyone. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
