import type { SecretList } from '../../domain/api/secret.ts';
import type { Output } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { ago } from '../terminal/units.ts';

export const secretTable = (
  secrets: SecretList['secrets'],
  { paint, width }: Output,
  now: number,
): string[] =>
  table(
    [
      { title: 'SECRET', value: ({ name }) => name, paint: paint.bold },
      { title: 'SET', value: ({ set_at }) => ago(set_at, now) },
    ],
    secrets,
    width(),
  );
