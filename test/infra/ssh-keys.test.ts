import { spawnSync } from 'node:child_process';
import { createPrivateKey, sign, verify } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newSshKeys } from '../../infra/ssh-keys.ts';
import { needing } from '../needs.ts';

/** The strings of OpenSSH's wire form, one after the other. */
function strings(bytes: Buffer): Buffer[] {
  if (bytes.length < 4) return [];
  const end = 4 + bytes.readUInt32BE(0);
  return [bytes.subarray(4, end), ...strings(bytes.subarray(end))];
}

test('each run has keys of its own, and its two are not the same', () => {
  const keys = [newSshKeys(), newSshKeys()].flatMap(({ user, host }) => [user, host]);
  for (const part of ['private_key', 'public_key'] as const)
    expect(new Set(keys.map((key) => key[part])).size).toBe(4);
});

test('what the private key signs, the public one verifies', () => {
  const { user } = newSshKeys();
  const [kind, encoded = ''] = user.public_key.split(' ');
  expect(kind).toBe('ssh-ed25519');
  const [, point = Buffer.of()] = strings(Buffer.from(encoded, 'base64'));
  const whole = Buffer.from(user.private_key.split('\n').slice(1, -2).join(''), 'base64');
  const at = whole.lastIndexOf(point) - 32;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') };
  const d = whole.subarray(at, at + 32).toString('base64url');
  const signature = sign(null, Buffer.from('hello'), createPrivateKey({ format: 'jwk', key: { ...jwk, d } }));
  expect(verify(null, Buffer.from('hello'), { format: 'jwk', key: jwk }, signature)).toBe(true);
});

test('OpenSSH reads the private key, and makes the same public one of it', needing('ssh-keygen'), () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'sortie-keys-'));
  for (const { private_key, public_key } of Object.values(newSshKeys())) {
    fs.writeFileSync(join(folder, 'key'), private_key, { mode: 0o600 });
    const { stdout, status } = spawnSync('ssh-keygen', ['-y', '-f', join(folder, 'key')]);
    expect([status, stdout.toString().trim()]).toEqual([0, public_key]);
  }
  fs.rmSync(folder, { recursive: true });
});
