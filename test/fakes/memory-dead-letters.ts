import type { DeadLetters } from '../../domain/dead-letters/dead-letters.ts';

export interface MemoryDeadLetters extends DeadLetters {
  leave(body: string, attributes?: Readonly<Record<string, string>>): void;
  readonly ids: () => readonly string[];
}

/** The dead-letter queue in memory, behaving as the real one does: both pass test/infra/sqs' contract. */
export function memoryDeadLetters(now: () => number): MemoryDeadLetters {
  const HOLD = 60_000;
  const letters: {
    readonly letter: {
      id: string;
      body: string;
      attributes: Readonly<Record<string, string>>;
      sent_at: number;
    };
    hidden_until: number;
    receipt: string;
  }[] = [];
  let taken = 0;
  function leave(body: string, attributes: Readonly<Record<string, string>> = {}): void {
    const id = `letter-${letters.length + 1}-${now()}`;
    letters.push({ letter: { id, body, attributes, sent_at: now() }, hidden_until: 0, receipt: '' });
  }
  return {
    leave,
    put: async (body) => leave(body),
    ids: () => letters.map(({ letter }) => letter.id),
    async take(limit) {
      return letters
        .filter(({ hidden_until }) => hidden_until <= now())
        .slice(0, limit)
        .map((held) => {
          held.hidden_until = now() + HOLD;
          held.receipt = `receipt-${++taken}`;
          return { ...held.letter, receipt: held.receipt };
        });
    },
    async giveBack(given) {
      for (const held of letters)
        if (given.some(({ receipt }) => receipt === held.receipt)) held.hidden_until = 0;
    },
    async remove({ receipt }) {
      const index = letters.findIndex((held) => held.receipt === receipt);
      if (index >= 0) letters.splice(index, 1);
    },
  };
}
