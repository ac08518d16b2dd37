export type Bell = { ring(): void; wait(milliseconds: number): Promise<void> };

/** A wait that a ring ends early. A ring while nobody waits ends the next wait at once. */
export function bell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    wait: (milliseconds) =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          wake = undefined;
          rung = false;
          resolve();
        };
        const timer = setTimeout(end, milliseconds);
        wake = end;
        if (rung) end();
      }),
  };
}
