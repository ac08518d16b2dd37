import * as fs from 'node:fs';

/** start-job waits for one line; what comes after it is not heard. */
export type Word = { say(word: string): void };

function once(speak: (word: string) => void): Word {
  let said = false;
  return {
    say(word) {
      if (said) return;
      said = true;
      try {
        speak(word);
      } catch {
        // The agent ended start-job before it had its answer: the commands run on, the disk and the reports tell of them.
      }
    },
  };
}

/** On descriptor 3, from a supervisor of the job's own. */
export const wordByDescriptor = (): Word =>
  once((word) => {
    try {
      fs.writeSync(3, `${word}\n`);
    } finally {
      fs.closeSync(3);
    }
  });

/** Through the FIFO that start-job holds open, which goes with the word; without a reader the open fails at once. */
export const wordByFifo = (path: string): Word =>
  once((word) => {
    try {
      const fifo = fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
      fs.writeSync(fifo, `${word}\n`);
      fs.closeSync(fifo);
    } finally {
      fs.rmSync(path, { force: true });
    }
  });
