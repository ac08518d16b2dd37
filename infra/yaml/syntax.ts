import { Lexer, type YAMLError } from 'yaml';
import { visible } from '../../domain/configuration/describe.ts';
import type { Problem } from '../../domain/configuration/problem.ts';
import type { Span } from './located-problem.ts';
import { amongSecrets } from './secret-lines.ts';

/** A problem and where it is: `null` for the text as a whole. */
export type Found = { readonly problem: Problem; readonly span: Span | null };
type Said = { message: string; hint?: string };

const MAX_DEPTH = 32;

// Of the lexer: words, spaces, ends of lines. 10,000 fields have fewer, of which no configuration has as many; a block of text is
// one.
const MAX_TOKENS = 100_000;

/**
 * The first place that no configuration has and that takes long to parse: `[[[…` or `- - - …` deeper than any configuration, in
 * time that grows with the square of the depth; `]` without `[`, and more documents than one, an error each; too many tokens.
 */
export function unparsable(text: string): Found | null {
  let [offset, flow, compact, tokens, ends] = [0, 0, 0, 0, 0];
  const here = (message: string, hint?: string): Found => ({
    problem: { path: [], message, ...(hint !== undefined && { hint }) },
    span: { start: offset, end: offset + 1 },
  });
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow++;
    if (token === ']' || token === '}') flow--;
    if (token === '-' || token === '?') compact++;
    if (token === '\n' || token === '\r\n') compact = 0;
    if (token === '...') ends++;
    tokens++;
    if (flow > MAX_DEPTH || compact > MAX_DEPTH)
      return here(`lists or maps are nested more than ${MAX_DEPTH} deep`);
    if (flow < 0) return here(`a \`${token}\` without the bracket that it closes`);
    if (ends > 1) return here('the document has ended before');
    if (tokens > MAX_TOKENS)
      return here(
        `the file has more than ${MAX_TOKENS} words, marks and ends of lines`,
        'fetch large input in the commands',
      );
    // The lexer's own marks (document, scalar, end of flow) stand for no text.
    if (!/^[\u0002\u0018\u001f]$/.test(token)) offset += token.length;
  }
  return null;
}

/** A syntax error of the YAML package, in words for someone who does not know YAML's grammar. */
export function explainSyntax({ code, message, pos }: YAMLError, text: string): Found {
  const secret = amongSecrets(text, pos[0]);
  const word = secret ? '' : visible(text.slice(pos[0], pos[0] + 40).split(/[\s:]/, 1)[0] ?? '');
  const otherwise = secret ? 'this is not YAML' : `YAML syntax: ${visible(message)}`;
  const said = SAYINGS[code]?.(word, message) ?? { message: otherwise };
  return { problem: { path: [], ...said }, span: { start: pos[0], end: pos[1] } };
}

const QUOTE = 'text with ": " in it must be quoted, or written as a block after `|`';

const SAYINGS: Partial<Record<YAMLError['code'], (word: string, message: string) => Said>> = {
  BAD_INDENT: (_, message) =>
    message.startsWith('Flow')
      ? { message: 'a `[` or `{` before this is not closed' }
      : {
          message: 'the indentation does not fit the lines above',
          hint: 'fields of one map start in the same column',
        },
  BAD_SCALAR_START: (word) => ({
    message: `unquoted text cannot start with ${word === '' ? 'this character' : `\`${word.charAt(0)}\``}`,
    hint: 'put it in quotes',
  }),
  BLOCK_AS_IMPLICIT_KEY: () => ({ message: 'a second `: ` in one line', hint: QUOTE }),
  MISSING_CHAR: (_, message) =>
    message.includes('quote')
      ? { message: 'the text ends here, but a quote before is not closed' }
      : { message: 'a comma, colon or bracket is missing here' },
  MULTILINE_IMPLICIT_KEY: () => ({
    message: 'a field name cannot go over several lines',
    hint: 'check the indentation of the line above',
  }),
  NON_STRING_KEY: () => ({ message: 'a field name must be plain text' }),
  RESOURCE_EXHAUSTION: () => ({ message: 'lists or maps are nested too deeply' }),
  UNEXPECTED_TOKEN: (word) => ({
    message: `${word === '' ? 'what is here' : `\`${word}\``} does not fit`,
    hint: 'check the indentation, brackets and quotes around it',
  }),
  TAB_AS_INDENT: () => ({ message: 'a tab cannot indent in YAML', hint: 'indent with spaces' }),
  TAG_RESOLVE_FAILED: () => ({
    message: 'a YAML tag (`!…`) means nothing here',
    hint: 'remove it, or quote the text',
  }),
};
