import type { IncomingHttpHeaders } from 'node:http';
import { splitOnce } from '../wire/request.ts';
import type { SignedRequest } from '../wire/signature.ts';

/** A call of DynamoDB, and the bytes in which it came. */
export type RawRequest = SignedRequest & {
  readonly headers: IncomingHttpHeaders;
  readonly operation: string;
  readonly body: Buffer;
  readonly bytes: Buffer;
};

const HEAD_LIMIT = 16 * 1024;
/** A request of DynamoDB has at most 16 MB. */
const BODY_LIMIT = 17 * 1024 * 1024;

/**
 * Takes the bytes of one connection, and gives each request when the whole of it is there. DynamoDB's clients say how long
 * a body is: chunks, and whatever else they never send, are `malformed`.
 */
export function requestReader(
  onRequest: (request: RawRequest) => void,
): (chunk: Buffer) => 'reads' | 'malformed' {
  let chunks: Buffer[] = [];
  let size = 0;
  let head: Head | undefined;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    for (;;) {
      if (head === undefined) {
        const bytes = Buffer.concat(chunks);
        chunks = [bytes];
        const end = bytes.indexOf('\r\n\r\n');
        if (end > HEAD_LIMIT || (end < 0 && size > HEAD_LIMIT)) return 'malformed';
        if (end < 0) return 'reads';
        const read = readHead(bytes.subarray(0, end).toString('latin1'), end + 4);
        if (read === undefined) return 'malformed';
        head = read;
      }
      if (size < head.whole) return 'reads';
      const all = Buffer.concat(chunks);
      const [bytes, rest] = [all.subarray(0, head.whole), all.subarray(head.whole)];
      const { start, whole: _whole, ...request } = head;
      onRequest({ ...request, bytes, body: bytes.subarray(start) });
      [chunks, size, head] = [[rest], rest.length, undefined];
      if (size === 0) return 'reads';
    }
  };
}

type Head = Omit<RawRequest, 'body' | 'bytes'> & {
  /** Where the body starts, and how long the request is. Bytes. */
  readonly start: number;
  readonly whole: number;
};

function readHead(text: string, start: number): Head | undefined {
  const [first = '', ...lines] = text.split('\r\n');
  const [, method, path] = /^([A-Z]+) (\/\S*) HTTP\/1\.1$/.exec(first) ?? [];
  if (method === undefined || path === undefined) return undefined;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [name, value] = splitOnce(line, ':');
    const known = name.toLowerCase();
    if (known in headers) return undefined;
    headers[known] = value.trim();
  }
  const length = headers['content-length'] ?? '0';
  if ('transfer-encoding' in headers || !/^\d{1,9}$/.test(length) || Number(length) > BODY_LIMIT)
    return undefined;
  const operation = splitOnce(headers['x-amz-target'] ?? '', '.')[1];
  return { method, path, query: [], headers, operation, start, whole: start + Number(length) };
}
