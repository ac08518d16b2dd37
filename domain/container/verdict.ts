import { unreachable } from '../kernel/result.ts';
import type { Lifetime, Sighting } from './sighting.ts';

/** A node as its user knows it: `node 0 (i-0123…)`. */
export interface Seen {
  readonly node: string;
  readonly sighting: Sighting;
}

export type Verdict =
  | { readonly kind: 'attach'; readonly warnings: readonly string[] }
  | { readonly kind: 'launch' }
  /** Nothing is started, removed or changed anywhere. */
  | { readonly kind: 'refuse'; readonly message: string };

/** What is done with the containers of a name on all the nodes of a run, or why nothing is. */
export function verdictOn(lifetime: Lifetime, name: string, nodes: readonly Seen[]): Verdict {
  switch (lifetime) {
    // Whatever is there of that name is a leftover: each node removes it before it starts its own.
    case 'per_run':
      return { kind: 'launch' };
    case 'no_launch':
      return onEvery(name, nodes, 'start it there, or set `lifetime: per_run`');
    case 'persistent':
      return allOrNone(name, nodes);
    default:
      return unreachable(lifetime);
  }
}

function onEvery(name: string, nodes: readonly Seen[], advice: string): Verdict {
  const missing = nodes.filter(({ sighting }) => sighting.state === 'stopped' || sighting.state === 'absent');
  const unknown = unknownAmong(nodes);
  if (missing.length === 0 && unknown.length === 0) return attach(name, nodes);
  const said = [
    ...(missing.length > 0 ? [`does not run on ${missing.map(stateOf).join(', ')}`] : []),
    ...(unknown.length > 0 ? [`could not be looked for on ${unknown.map(whyUnknown).join(', ')}`] : []),
  ];
  const next = missing.length > 0 ? advice : 'see there why its engine does not answer';
  return refuse(`container ${name} ${said.join(', and ')}; nothing was started or removed: ${next}`);
}

/** A restart would wipe what was installed in those that run: with some, or in doubt, nothing is touched. */
function allOrNone(name: string, nodes: readonly Seen[]): Verdict {
  const unknown = unknownAmong(nodes);
  if (unknown.length > 0)
    return refuse(
      `container ${name} could not be looked for on ${unknown.map(whyUnknown).join(', ')}, so whether it is there is not known; nothing was touched`,
    );
  const running = nodes.filter(({ sighting }) => sighting.state === 'running');
  const others = nodes.filter(({ sighting }) => sighting.state !== 'running');
  if (others.length === 0) return attach(name, nodes);
  // A stopped one has its overlay still: starting anew would wipe that as well.
  const stopped = others.filter(({ sighting }) => sighting.state === 'stopped');
  if (running.length === 0 && stopped.length === 0) return { kind: 'launch' };
  const where = [
    ...(running.length > 0 ? [`runs on ${running.map(({ node }) => node).join(', ')}`] : []),
    `does not run on ${others.map(stateOf).join(', ')}`,
  ];
  return refuse(
    `container ${name} ${where.join(' but ')}; nothing was touched: start it where it does not run, or remove it everywhere to begin afresh`,
  );
}

function attach(name: string, nodes: readonly Seen[]): Verdict {
  const images = nodes.map(({ node, sighting }) => ({
    node,
    id: sighting.state === 'running' ? sighting.image_id : null,
    tagged: sighting.state === 'running' ? sighting.tagged_image_id : null,
  }));
  const unreadable = images.filter(({ id }) => id === null);
  if (unreadable.length > 0)
    return refuse(
      `the image of container ${name} could not be read on ${unreadable.map(({ node }) => node).join(', ')}; nothing was touched`,
    );
  if (new Set(images.map(({ id }) => id)).size > 1)
    return refuse(
      `container ${name} was made from different images: ${images.map(({ node, id }) => `${node}: ${short(`${id}`)}`).join(', ')}; nothing was touched`,
    );
  const stale = images.filter(({ id, tagged }) => tagged !== null && tagged !== id);
  return {
    kind: 'attach',
    warnings: stale.map(
      ({ node, id, tagged }) =>
        `the overlay of container ${name} on ${node} may be stale: it was made from ${short(`${id}`)}, and the image's name means ${short(`${tagged}`)} now`,
    ),
  };
}

const refuse = (message: string): Verdict => ({ kind: 'refuse', message });

const unknownAmong = (nodes: readonly Seen[]) =>
  nodes.flatMap(({ node, sighting }) => (sighting.state === 'unknown' ? [{ node, why: sighting.why }] : []));

const whyUnknown = ({ node, why }: { node: string; why: string }): string => `${node} (${why})`;

const stateOf = ({ node, sighting }: Seen): string =>
  sighting.state === 'stopped' ? `${node} (${sighting.status})` : node;

/** As `docker images` shows it. */
const short = (image: string): string => image.replace(/^sha256:/, '').slice(0, 12);
