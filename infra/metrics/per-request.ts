import type { CallError, CloudCall } from '../../domain/metrics/cloud-call.ts';

/** Hears of each request, once it is answered. */
export type Hear = (call: CloudCall) => void;

/** Inside the SDK's own retries: each of them is a request that the cloud counts against us. */
export const perRequest = { name: 'hear', relation: 'after', toMiddleware: 'retryMiddleware' } as const;

/** A middleware that tells what each request of an SDK client came to. */
export const hearing =
  (hear: Hear, classify: (error: unknown) => CallError) =>
  <A, O>(next: (args: A) => Promise<O>, { commandName = 'unknown' }: { readonly commandName?: string }) =>
  async (args: A): Promise<O> => {
    // As the SDK has it, `RunInstancesCommand`.
    const operation = commandName.replace(/Command$/, '');
    try {
      const answer = await next(args);
      hear({ operation, error: 'none' });
      return answer;
    } catch (error) {
      hear({ operation, error: classify(error) });
      throw error;
    }
  };
