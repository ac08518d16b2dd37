import type { Command } from 'commander';
import { usage } from './exit.ts';

/** Commands of other tools, and ours that do the same. */
const SYNONYMS: Readonly<Record<string, string>> = {
  abort: 'sortie stop RUN --abort',
  attach: 'sortie logs RUN -f',
  cancel: 'sortie stop RUN',
  delete: 'sortie stop RUN, or sortie fleet delete FLEET',
  down: 'sortie stop RUN',
  events: 'sortie event RUN',
  fleets: 'sortie fleet',
  init: 'sortie apply -f examples/hello.yaml',
  instances: 'sortie instance',
  jobs: 'sortie ps',
  kill: 'sortie stop RUN --abort',
  launch: 'sortie apply -f FILE',
  list: 'sortie ps',
  log: 'sortie logs RUN',
  ls: 'sortie ps',
  nodes: 'sortie instance',
  offers: 'sortie offer',
  rm: 'sortie stop RUN',
  secrets: 'sortie secret list',
  server: 'npm start',
  start: 'npm start, or sortie apply -f FILE',
  status: 'sortie ps, or sortie why RUN',
  submit: 'sortie apply -f FILE',
  tail: 'sortie logs RUN -f',
  up: 'sortie apply -f FILE',
};

/** Throws a `Failure` that names our command where `word` is another tool's for it. It does nothing: some would end a run. */
export function refuseSynonym(word: string, program: Command): void {
  const ours = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : undefined;
  if (ours !== undefined && !program.commands.some((command) => command.name() === word))
    throw usage(`there is no command ${word}`, ours);
}
