/** So many executions at once. */
export interface Slots {
  /** Takes one, or says that there is none. */
  take(): boolean;
  /** Takes one as soon as there is one, in the order of asking. */
  wait(): Promise<void>;
  free(): void;
  readonly count: number;
}

export function createSlots(count: number): Slots {
  const line: (() => void)[] = [];
  let taken = 0;
  return {
    count,
    take() {
      if (taken >= count) return false;
      taken += 1;
      return true;
    },
    async wait() {
      if (!this.take()) await new Promise<void>((resolve) => line.push(resolve));
    },
    free() {
      const next = line.shift();
      if (next) next();
      else taken -= 1;
    },
  };
}
