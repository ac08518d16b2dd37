export type Trouble = {
  say(what: string, error: unknown): void;
  over(): void;
};

/** Trouble that the host lives with, as a full disk: told as a warning, once for each cause until it is over. */
export function toldOnce(): Trouble {
  let told = '';
  return {
    say(what, error) {
      const text = `${what}: ${error instanceof Error ? error.message : String(error)}`;
      if (text !== told) process.emitWarning(text);
      told = text;
    },
    over() {
      told = '';
    },
  };
}
