import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { SshKey, SshKeys } from '../domain/job/bundles.ts';

const TYPE = 'ssh-ed25519';

/** New keys for the nodes of one run. */
export const newSshKeys = (): SshKeys => ({ user: newKey(), host: newKey() });

/**
 * In OpenSSH's own form (its PROTOCOL.key), since the releases before 9.6 read no Ed25519 key in PKCS #8; without a
 * passphrase, as nobody is there to type one.
 */
function newKey(): SshKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  const shared = Buffer.concat([string(TYPE), string(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, shared, string(Buffer.concat([seed, point])), string('')]);
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(string),
    uint32(1),
    string(shared),
    string(Buffer.concat([secret, padding(secret.length)])),
  ]);
  const lines = whole.toString('base64').replace(/.{70}/g, '$&\n');
  return {
    private_key: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`,
    public_key: `${TYPE} ${shared.toString('base64')}`,
  };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const string = (value: string | Buffer): Buffer =>
  Buffer.concat([uint32(Buffer.byteLength(value)), Buffer.from(value)]);

/** To a multiple of 8, by the bytes 1, 2, 3 and so on. */
const padding = (length: number): Buffer =>
  Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, n) => n + 1));
