type Close = () => Promise<void>;

const open = new Set<Close>();

/**
 * Instances and engines outlive whoever does not end them: when the bench is stopped (by the timeout of main.ts, with
 * Ctrl+C) what is still open is closed first, the newest before what it stands on. Returns `close`, which closes once.
 */
export function owned(close: Close): Close {
  if (open.size === 0) process.once('SIGTERM', stop).once('SIGINT', stop);
  let closing: Promise<void> | null = null;
  const once = () => {
    closing ??= close().finally(() => {
      open.delete(once);
      if (open.size === 0) process.off('SIGTERM', stop).off('SIGINT', stop);
    });
    return closing;
  };
  open.add(once);
  return once;
}

function stop(): void {
  void closeAll()
    .catch(console.error)
    .finally(() => process.exit(1));
}

async function closeAll(): Promise<void> {
  for (const close of [...open].reverse()) await close();
}
