import { unreachable } from '../kernel/result.ts';
import { sameImage, shortImageId } from './image-name.ts';
import type { Lifetime, Sighting } from './sighting.ts';

/** A node as its user knows it: `node 0 (i-0123…)`. */
export interface Seen {
  readonly node: string;
  readonly sighting: Sighting;
}

/** The container that a run asks for, by the name that its user gave it. */
export interface Wanted {
  readonly lifetime: Lifetime;
  readonly name: string;
  /** Null: whatever it was started from. */
  readonly image: string | null;
}

export type Verdict =
  | { readonly kind: 'attach'; readonly warnings: readonly string[] }
  | { readonly kind: 'launch' }
  /** Nothing is started, removed or changed anywhere. */
  | { readonly kind: 'refuse'; readonly message: string };

/** What is done with the containers of a name on all the nodes of a run, or why nothing is. */
export function verdictOn(wanted: Wanted, nodes: readonly Seen[]): Verdict {
  switch (wanted.lifetime) {
    // Whatever is there of that name is a leftover: each node removes it before it starts its own.
    case 'per_run':
      return { kind: 'launch' };
    case 'no_launch':
      return onEvery(wanted, nodes, 'start it there, or set `lifetime: per_run`');
    case 'persistent':
      return allOrNone(wanted, nodes);
    default:
      return unreachable(wanted.lifetime);
  }
}

function onEvery(wanted: Wanted, nodes: readonly Seen[], advice: string): Verdict {
  const { name } = wanted;
  const missing = nodes.filter(({ sighting }) => sighting.state === 'stopped' || sighting.state === 'absent');
  const unknown = unknownAmong(nodes);
  if (missing.length === 0 && unknown.length === 0) return attach(wanted, nodes);
  const said = [
    ...(missing.length > 0 ? [`does not run on ${missing.map(stateOf).join(', ')}`] : []),
    ...(unknown.length > 0 ? [`could not be looked for on ${unknown.map(whyUnknown).join(', ')}`] : []),
  ];
  const next = missing.length > 0 ? advice : 'see there why its engine does not answer';
  return refuse(`container ${name} ${said.join(', and ')}; nothing was started or removed: ${next}`);
}

/** A restart would wipe what was installed in those that run: with some, or in doubt, nothing is touched. */
function allOrNone(wanted: Wanted, nodes: readonly Seen[]): Verdict {
  const { name } = wanted;
  const unknown = unknownAmong(nodes);
  if (unknown.length > 0)
    return refuse(
      `container ${name} could not be looked for on ${unknown.map(whyUnknown).join(', ')}, so whether it is there is not known; nothing was touched`,
    );
  const running = nodes.filter(({ sighting }) => sighting.state === 'running');
  const others = nodes.filter(({ sighting }) => sighting.state !== 'running');
  if (others.length === 0) return attach(wanted, nodes);
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

function attach(wanted: Wanted, nodes: readonly Seen[]): Verdict {
  const { name } = wanted;
  const running = nodes.flatMap(({ node, sighting }) =>
    sighting.state === 'running' ? [{ ...sighting, node }] : [],
  );
  const unreadable = running.filter(({ image_id }) => image_id === null);
  if (unreadable.length > 0)
    return refuse(
      `the image of container ${name} could not be read on ${unreadable.map(({ node }) => node).join(', ')}; nothing was touched`,
    );
  if (new Set(running.map(({ image_id }) => image_id)).size > 1)
    return refuse(
      `container ${name} was made from different images: ${running.map(({ node, image_id }) => `${node}: ${shortImageId(`${image_id}`)}`).join(', ')}; nothing was touched`,
    );
  const problem = otherImage(wanted, running) ?? otherFields(wanted, running);
  if (problem !== null) return refuse(problem);
  const stale = running.filter(
    ({ image_id, tagged_image_id: tagged }) => tagged !== null && tagged !== image_id,
  );
  return {
    kind: 'attach',
    warnings: stale.map(
      ({ node, image_id, tagged_image_id: tagged }) =>
        `the overlay of container ${name} on ${node} may be stale: it was made from ${shortImageId(`${image_id}`)}, and the image's name means ${shortImageId(`${tagged}`)} now`,
    ),
  };
}

type Running = Extract<Sighting, { state: 'running' }> & { readonly node: string };

/** Results would be those of an image that nobody asked for. Another name of the same image is none. */
function otherImage({ lifetime, name, image }: Wanted, running: readonly Running[]): string | null {
  const other = running.filter(
    (one) =>
      image !== null &&
      one.image !== null &&
      !sameImage(one.image, image) &&
      one.tagged_image_id !== one.image_id,
  );
  const [first] = other;
  if (first === undefined) return null;
  const elsewise = lifetime === 'no_launch' ? 'leave `image` out' : 'choose another `name`';
  return `container ${name} was started from ${first.image} on ${other.map(({ node }) => node).join(', ')}, and the run asks for ${image}; nothing was touched: write \`image: ${first.image}\`, or ${elsewise}`;
}

/** A container is started once: what is asked of its start would be left out without a word. */
function otherFields({ lifetime, name }: Wanted, running: readonly Running[]): string | null {
  // A run that starts none says nothing of how.
  if (lifetime === 'no_launch') return null;
  const other = running.filter(({ changed }) => changed.length > 0);
  if (other.length === 0) return null;
  const fields = [...new Set(other.flatMap(({ changed }) => changed))].map((field) => `\`${field}\``);
  return `container ${name} was started with other ${fields.join(', ')} on ${other.map(({ node }) => node).join(', ')}, which an attached container cannot get; nothing was touched: choose another \`name\`, or attach to it as it is by \`lifetime: no_launch\``;
}

const refuse = (message: string): Verdict => ({ kind: 'refuse', message });

const unknownAmong = (nodes: readonly Seen[]) =>
  nodes.flatMap(({ node, sighting }) => (sighting.state === 'unknown' ? [{ node, why: sighting.why }] : []));

const whyUnknown = ({ node, why }: { node: string; why: string }): string => `${node} (${why})`;

const stateOf = ({ node, sighting }: Seen): string =>
  sighting.state === 'stopped' ? `${node} (${sighting.status})` : node;
