/** How long a test waits for what has to come, ms: on a busy machine too, so that giving up means that it never came. */
export const PATIENCE_MS = Number(process.env['SORTIE_TEST_PATIENCE_MS'] ?? 60_000);
