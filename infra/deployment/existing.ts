/** The code by which most services say that there is no such thing. */
export const NO_RESOURCE = ['ResourceNotFoundException'];

/** The answer; `null` where AWS says by one of these codes that there is no such thing. Throws what else it says. */
export async function existing<T>(codes: readonly string[], call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && codes.includes(error.name)) return null;
    throw error;
  }
}
