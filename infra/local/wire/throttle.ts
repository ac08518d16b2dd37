/**
 * EC2's request throttling: a bucket of tokens per operation, refilled at a steady rate.
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
export function createThrottle(now: () => number): {
  takes(
    name: string,
    tokens: number,
    limit: { burst: number; perSecond: number } | undefined,
  ): 'passes' | 'throttled';
} {
  const levels = new Map<string, { tokens: number; at: number }>();
  return {
    takes(name, tokens, limit) {
      if (!limit) {
        levels.delete(name);
        return 'passes';
      }
      const at = now();
      const level = levels.get(name) ?? { tokens: limit.burst, at };
      const refilled = Math.min(limit.burst, level.tokens + ((at - level.at) / 1000) * limit.perSecond);
      const passes = refilled >= tokens;
      levels.set(name, { tokens: passes ? refilled - tokens : refilled, at });
      return passes ? 'passes' : 'throttled';
    },
  };
}
