import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

type Parameter = {
  type: 'String';
  description: string;
  default?: string;
  allowedPattern?: string;
  allowedValues?: string[];
};
export type DocumentContent = {
  schemaVersion: '2.2';
  description: string;
  parameters: Record<string, Parameter>;
  mainSteps: {
    action: 'aws:runShellScript';
    name: string;
    inputs: { timeoutSeconds: string; runCommand: string[] };
  }[];
};
export type DocumentKind = 'start-job' | 'stop-job' | 'probe';
export type SsmDocument = { kind: DocumentKind; name: string; content: DocumentContent };

/** SSM refuses a document above it: https://docs.aws.amazon.com/general/latest/gr/ssm.html */
const LARGEST_DOCUMENT = 64 * 1024;

/**
 * SSM puts a parameter's value into the text of the script, before any shell sees it: every pattern leaves out what
 * could end the quotes around it, a new line, and the braces of another parameter.
 */
const submission: Parameter = {
  type: 'String',
  description: 'Id of the submission',
  allowedPattern: '^[0-9a-hjkmnp-tv-z]{26}-[0-9]{1,6}-[0-9]{1,6}$',
};
const bundleUrl: Parameter = {
  type: 'String',
  description: 'Presigned URL of the bundle',
  allowedPattern: '^https?://[A-Za-z0-9._~:/?#@!$&()*+,;=%-]+$',
};
const mode: Parameter = { type: 'String', description: 'How to stop', allowedValues: ['graceful', 'abort'] };
const reason: Parameter = {
  type: 'String',
  description: 'Why, for the exit',
  default: 'stopped',
  allowedPattern: '^[A-Za-z0-9 ._:,;/()@+=#-]{0,200}$',
};

/** The three documents of one stage; `prefix` is `sortie-<stage>`, `runnerText` what `bundleRunner` gives. */
export function documents(prefix: string, runnerText: string): SsmDocument[] {
  // By the end of its name, each file that start-job writes where it is missing; the runner last, which stands for all.
  const files = JSON.stringify({ '.sh': script('keeper'), '.cjs': runnerText });
  const hash = createHash('sha256').update(files).digest('hex').slice(0, 16);
  const packed = brotliCompressSync(files, {
    params: { [constants.BROTLI_PARAM_LGWIN]: 18, [constants.BROTLI_PARAM_SIZE_HINT]: files.length },
  });
  const lines = asText(packed)
    .replace(/.{1,1000}/g, '$&\n')
    .trimEnd();
  const startJob = script('start-job')
    .replaceAll('@RUNNER_HASH@', hash)
    .replace('@FILES@', () => lines);
  const of = (kind: DocumentKind, content: DocumentContent) => ({ kind, name: `${prefix}-${kind}`, content });
  return [
    of('start-job', document('Starts a job of Sortie', { submission, bundleUrl }, startJob, 120)),
    of('stop-job', document('Stops a job of Sortie', { submission, mode, reason }, script('stop-job'), 30)),
    of('probe', document('Tells what became of the jobs of Sortie', {}, script('probe'), 30)),
  ];
}

/**
 * Five characters for four bytes, of the 85 from `(` to `|`, which start-job reads back: a twentieth less than base64.
 * Without the three among them that JSON, a shell or SSM would take for something else: a parameter is in double braces.
 */
export function asText(packed: Buffer): string {
  const padded = Buffer.concat([packed, Buffer.alloc((4 - (packed.length % 4)) % 4)]);
  let text = '';
  for (let at = 0; at < padded.length; at += 4) {
    let rest = padded.readUInt32BE(at);
    let five = '';
    for (let digit = 0; digit < 5; digit++) {
      five = String.fromCharCode(40 + (rest % 85)) + five;
      rest = Math.floor(rest / 85);
    }
    text += five;
  }
  return text.replaceAll('\\', '!').replaceAll('`', '#').replaceAll('{', '%');
}

function document(
  description: string,
  parameters: Record<string, Parameter>,
  text: string,
  timeoutSeconds: number,
): DocumentContent {
  const inputs = { timeoutSeconds: `${timeoutSeconds}`, runCommand: text.trimEnd().split('\n') };
  const content: DocumentContent = {
    schemaVersion: '2.2',
    description,
    parameters,
    mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs }],
  };
  const size = Buffer.byteLength(JSON.stringify(content));
  if (size > LARGEST_DOCUMENT)
    throw new Error(`a document of ${size} bytes, where SSM takes ${LARGEST_DOCUMENT}`);
  return content;
}

/** Without its comments, which count as much as code in the size of a document. */
const script = (kind: DocumentKind | 'keeper') =>
  readFileSync(new URL(`${kind}.sh`, import.meta.url), 'utf8').replace(/^ *#.*\n/gm, '');
