import type { IncomingHttpHeaders } from 'node:http';

/** Names of this machine. Nobody can register a name below `.localhost` (RFC 6761). */
const ours = /^(127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)*localhost)(:\d+)?$/i;

/**
 * Why a request is refused before anybody reads it; undefined when it is not. Programs send no `Origin`, and a web page
 * always does when it posts. A page whose own name was pointed at this machine (DNS rebinding) still says that name in `Host`.
 */
export function foreignRequest(headers: IncomingHttpHeaders): string | undefined {
  if (headers.origin !== undefined)
    return `a request with an Origin header (${headers.origin}) comes from a web page, and is refused`;
  if (ours.test(headers.host ?? '')) return undefined;
  return `Host ${headers.host ?? '(none)'} is not a name of this machine: ask for 127.0.0.1 or localhost`;
}

export const foreignBody = (why: string): string => JSON.stringify({ message: why });
