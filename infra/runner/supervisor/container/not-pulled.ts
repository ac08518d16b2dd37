import { complaint, type Ended } from './run-cli.ts';

type Advice = readonly (readonly [RegExp, string])[];

/** Engines speak of the wire; their user wrote a configuration. */
const ofTheEngine: Advice = [
  [
    /connect to (the docker daemon|podman)/i,
    'see that the engine runs on that instance, and that root may use it: `docker info` there',
  ],
  [/no space left/i, 'ask for more under `resources.disk`'],
];
const ofTheRegistry: Advice = [
  [
    /unauthorized|denied|forbidden|no basic auth|\b40[13]\b/i,
    'check its name, and `registry_auth` if it is private',
  ],
  [/manifest unknown|name unknown|not found|\b404\b/i, 'check its name and tag'],
  [
    /no such host|connection refused|timeout|deadline exceeded|unreachable|no route to host/i,
    'check its name and that the instance reaches that registry, or take it from a file with `container.image_tar`',
  ],
];

/** Why an image could not be pulled, in the engine's words, and what to do about it. */
export const notPulled = (image: string, ended: Ended): string =>
  // It may be denied to ask the engine, which is not the registry's refusal.
  `${image} could not be pulled: ${advised(ended, [...ofTheEngine, ...ofTheRegistry])}`;

/** Likewise, of a file. */
export const notLoaded = (tar: string, ended: Ended): string =>
  `${tar} could not be loaded: ${advised(ended, ofTheEngine)}`;

function advised(ended: Ended, advice: Advice): string {
  const said = complaint(ended).replace(/^Error response from daemon: /, '');
  const hint = ended.cut === null && advice.find(([pattern]) => pattern.test(said))?.[1];
  return `${said}${hint ? `; ${hint}` : ''}`;
}
