import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ok, type Result } from '../../../domain/kernel/result.ts';
import { faults, type S3Fault, s3Fault } from './fault.ts';

/** What an upload says of its body: header or, in a presigned URL, query parameter; null when it does not. */
export type Field = (name: string) => string | null;
export type Upload = { body: Buffer; checksums: Record<string, string> };

const CHECKSUMS: Readonly<Record<string, (body: Buffer) => string>> = {
  'x-amz-checksum-crc32': (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes.toString('base64');
  },
  'x-amz-checksum-sha1': (body) => createHash('sha1').update(body).digest('base64'),
  'x-amz-checksum-sha256': (body) => createHash('sha256').update(body).digest('base64'),
};
const UNKNOWN = ['x-amz-checksum-crc32c', 'x-amz-checksum-crc64nvme'];

/**
 * Takes an upload out of its transfer coding and holds it against every digest that came with it.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
export function readUpload(raw: Buffer, field: Field): Result<Upload, S3Fault> {
  const chunked = field('x-amz-content-sha256')?.startsWith('STREAMING-') ?? false;
  const decoded = chunked ? decodeChunks(raw) : { body: raw, trailers: {} as Record<string, string> };
  if (decoded === 'malformed') {
    return s3Fault(400, 'IncompleteBody', 'The request body terminated unexpectedly');
  }
  const { body, trailers } = decoded;
  const given = (name: string) => trailers[name] ?? field(name);
  const length = field('x-amz-decoded-content-length');
  if (length !== null && Number(length) !== body.length) {
    const message = 'You did not provide the number of bytes specified by the Content-Length HTTP header.';
    return s3Fault(400, 'IncompleteBody', message);
  }
  const hash = field('x-amz-content-sha256');
  if (
    hash !== null &&
    /^[0-9a-f]{64}$/.test(hash) &&
    hash !== createHash('sha256').update(body).digest('hex')
  ) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    return s3Fault(400, 'XAmzContentSHA256Mismatch', message);
  }
  const md5 = field('content-md5');
  if (md5 !== null && md5 !== createHash('md5').update(body).digest('base64')) {
    return faults.badDigest('The Content-MD5 you specified did not match what we received.');
  }
  const unknown = UNKNOWN.find((name) => given(name) !== null);
  if (unknown) return faults.notImplemented(unknown);
  const checksums: Record<string, string> = {};
  for (const [name, compute] of Object.entries(CHECKSUMS)) {
    const expected = given(name);
    if (expected === null) continue;
    const actual = compute(body);
    if (actual !== expected) {
      const algorithm = name.slice('x-amz-checksum-'.length).toUpperCase();
      return faults.badDigest(`The ${algorithm} you specified did not match the calculated checksum.`);
    }
    checksums[name] = actual;
  }
  return ok({ body, checksums });
}

/** `aws-chunked`: `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n … 0\r\n<trailers>\r\n`. */
function decodeChunks(raw: Buffer): { body: Buffer; trailers: Record<string, string> } | 'malformed' {
  const parts: Buffer[] = [];
  let at = 0;
  while (true) {
    const end = raw.indexOf('\r\n', at);
    if (end < 0) return 'malformed';
    const size = Number.parseInt(raw.toString('latin1', at, end), 16);
    if (Number.isNaN(size)) return 'malformed';
    at = end + 2;
    if (size === 0) break;
    if (at + size + 2 > raw.length) return 'malformed';
    parts.push(raw.subarray(at, at + size));
    at += size + 2;
  }
  const trailers = Object.fromEntries(
    raw
      .toString('latin1', at)
      .split(/\r?\n/)
      .filter((line) => line.includes(':'))
      .map((line) => [
        line.slice(0, line.indexOf(':')).trim().toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  );
  return { body: Buffer.concat(parts), trailers };
}
