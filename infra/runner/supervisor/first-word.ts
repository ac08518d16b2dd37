import * as fs from 'node:fs';

export type Word = { say(word: string): void };

/** start-job reads descriptor 3 until it closes: the first word is all it waits for. */
export function firstWord(): Word {
  let said = false;
  return {
    say(word) {
      if (said) return;
      said = true;
      try {
        fs.writeSync(3, `${word}\n`);
      } catch {
        // EPIPE: the agent ended start-job before it had its answer. The commands run on; the disk and the reports tell of them.
      }
      fs.closeSync(3);
    },
  };
}
