import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { referencePages } from '../../docs/reference/pages.ts';
import { NESTED_FIELDS } from '../../domain/configuration/fields.ts';
import { FLEET_FIELDS } from '../../domain/configuration/fleet.ts';
import { fieldReference } from '../../domain/configuration/reference.ts';
import { TASK_FIELDS } from '../../domain/configuration/task.ts';

describe('the reference of configuration fields', () => {
  test.each(Object.entries({ task: TASK_FIELDS, fleet: FLEET_FIELDS }))(
    'has all fields of a %s',
    (type, fields) => {
      expect(Object.keys(fieldReference[type] ?? {}).sort()).toEqual([...fields].sort());
    },
  );

  /** Fields that groups share with their run are explained once. */
  const explained = (place: string) =>
    place.replace(/^groups\.\*\.(?=.)/, '').replace(/^container\.args\.(?=volumes)/, '');
  test.each(Object.entries(NESTED_FIELDS))('has all fields of %s', (place, fields) => {
    expect(Object.keys(fieldReference[explained(place)] ?? {}).sort()).toEqual([...fields].sort());
  });
});

test.each([...referencePages()])('docs/reference/%s is fresh: npm run reference', (name, text) => {
  expect(readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8')).toBe(text);
});
