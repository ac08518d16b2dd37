import { complaint, type Ended } from './run-cli.ts';

/** Engines speak of the wire; their user wrote a configuration. */
const advice: readonly (readonly [RegExp, string])[] = [
  // It may be denied to ask the engine, which is not the registry's refusal.
  [
    /connect to (the docker daemon|podman)/i,
    'no registry was asked: see that the engine runs on that instance (`docker info` there)',
  ],
  [
    /unauthorized|denied|forbidden|no basic auth|\b40[13]\b/i,
    'check its name, and `registry_auth` if it is private',
  ],
  [/manifest unknown|name unknown|not found|\b404\b/i, 'check its name and tag'],
  [
    /no such host|connection refused|timeout|deadline exceeded|unreachable|no route to host/i,
    'check its name and that the instance reaches that registry, or take it from a file with `container.image_tar`',
  ],
  [/no space left/i, 'ask for more under `resources.disk`'],
];

/** Why an image could not be pulled, in the engine's words, and what to do about it. */
export function notPulled(image: string, ended: Ended): string {
  const said = complaint(ended).replace(/^Error response from daemon: /, '');
  const hint = ended.cut === null && advice.find(([pattern]) => pattern.test(said))?.[1];
  return `${image} could not be pulled: ${said}${hint ? `; ${hint}` : ''}`;
}
