import { expect, test } from 'vitest';
import { lastLines, TAIL_BYTES } from '../../../domain/why/last-lines.ts';

const of = (text: string): string[] => lastLines(Buffer.from(text));

test('the last ten lines are shown, whole or not', () => {
  const all = Array.from({ length: 12 }, (_, line) => `line ${line}`);
  expect(of(`${all.join('\n')}\n`)).toEqual(all.slice(2));
  expect(of('one\n\ntwo')).toEqual(['one', '', 'two']);
  expect(of('one\r\ntwo\r\n\n')).toEqual(['one', 'two']);
});

test('of a progress bar its last state is shown', () => {
  expect(of('start\n 10%\r 20%\r 30%\rfailed')).toEqual(['start', 'failed']);
});

test('a line that was cut off at the front is left out, and a long one is cut', () => {
  const whole = `${'x'.repeat(TAIL_BYTES - 8)}\nthe end`;
  expect(of(whole)).toEqual(['the end']);
  expect(of('y'.repeat(1_000))).toEqual([`${'y'.repeat(400)}…`]);
  expect(lastLines(Buffer.from([0xff, 0x0a, 0x41]))).toEqual(['\ufffd', 'A']);
});
