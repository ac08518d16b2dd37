import * as z from 'zod';
import { fleetFields } from '../../domain/configuration/fleet.ts';
import { type FieldReference, fieldReference } from '../../domain/configuration/reference.ts';
import { taskFields } from '../../domain/configuration/task.ts';

type Schema = { [key: string]: unknown };

export function configurationPage(): string {
  const sections = Object.entries(fieldReference).map(
    ([place, fields]) =>
      `## ${headings[place] ?? `\`${place.replaceAll('.*', '[]')}\``}\n\n${table(fields)}\n`,
  );
  return `# Configuration fields

Made from the schemas by \`npm run reference\`. An editor with a YAML language server completes and checks a file that begins with
\`# yaml-language-server: $schema=\` and the path or URL of [task.schema.json](task.schema.json) or
[fleet.schema.json](fleet.schema.json). \`apply\` checks more: what it refuses, it names with the line.

Sizes are \`512MB\`, \`16GB\` or \`1TB\`; a bare number means GB. Durations are \`90s\`, \`30m\`, \`4h\`, \`2d\`, \`1w\` or seconds.
Ranges are \`4\`, \`4..8\`, \`4..\` or \`..8\`. A field whose value is \`null\` counts as left out.

${sections.join('\n')}`;
}

const headings: Readonly<Record<string, string>> = { task: '`type: task`', fleet: '`type: fleet`' };

const table = (fields: Readonly<Record<string, FieldReference>>): string =>
  [
    '| field | written | left out | |',
    '|---|---|---|---|',
    ...Object.entries(fields)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([name, { notation, otherwise, meaning }]) =>
          `| \`${name}\` | ${cell(notation)} | ${otherwise === null ? '**required**' : cell(otherwise)} | ${cell(meaning)} |`,
      ),
  ].join('\n');

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The JSON Schema of what may be written, with the meaning of each field. Where text is parsed, it admits any text. */
export function editorSchema(type: 'task' | 'fleet'): Schema {
  const fields = type === 'task' ? taskFields : fleetFields;
  const schema: Schema = z.toJSONSchema(fields, { io: 'input', unrepresentable: 'any' });
  return { title: `A ${type} of Sortie`, ...explained(schema, type) };
}

function explained(schema: Schema, place: string): Schema {
  const known = fieldReference[place];
  const alternatives = schema['anyOf'] as Schema[] | undefined;
  if (alternatives !== undefined)
    return { ...schema, anyOf: alternatives.map((one) => explained(one, place)) };
  if (schema['type'] === 'array')
    return { ...schema, items: explained((schema['items'] ?? {}) as Schema, `${place}.*`) };
  if (known === undefined) return schema;
  // A map that is read field by field, by a parser of its own.
  const own = (schema['properties'] ?? {}) as Record<string, Schema>;
  if (schema['type'] !== 'object' && Object.keys(schema).length > 0) return schema;
  const names = Object.keys(own).length > 0 ? Object.keys(own) : Object.keys(known);
  const properties = Object.fromEntries(
    names.map((name) => {
      const nested = `${place}.${name}`;
      const below = fieldReference[nested] === undefined ? name : nested;
      const { meaning } = known[name] ?? {};
      return [name, { ...explained(own[name] ?? {}, below), ...(meaning && { description: meaning }) }];
    }),
  );
  return Object.keys(schema).length === 0
    ? { anyOf: [{ type: 'object', properties, additionalProperties: false }, {}] }
    : { ...schema, properties, additionalProperties: false };
}
