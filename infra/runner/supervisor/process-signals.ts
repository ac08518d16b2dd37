/** The signals to this process, for each of the jobs that it supervises. Each function takes its listener back. */
export type ProcessSignals = {
  /** CONT: stop-job has left an order. It harms nobody, even where the handler is not yet set. */
  onLook(look: () => void): () => void;
  /** TERM and INT: the instance shuts down. */
  onShutdown(end: () => void): () => void;
};

export function processSignals(): ProcessSignals {
  const looks = new Set<() => void>();
  const ends = new Set<() => void>();
  const ringAll = (listeners: Set<() => void>) => () => {
    for (const listener of listeners) listener();
  };
  process.on('SIGCONT', ringAll(looks));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, ringAll(ends));
  const added = (listeners: Set<() => void>) => (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { onLook: added(looks), onShutdown: added(ends) };
}
