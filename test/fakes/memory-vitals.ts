import type { FunctionState, Vitals } from '../../infra/deployment/vitals.ts';

export const ACTIVE: FunctionState = {
  ...{ state: 'Active', update: 'Successful', runtime: 'nodejs24.x', modified: '2026-11-28T08:00:00Z' },
};

/** An account in good health; a test changes what it examines. */
export function memoryVitals() {
  const state = {
    quotas: new Map([
      ['L-1216C47A', 256],
      ['L-34B43A08', 256],
      ['L-DB2E81BA', 8],
      ['L-3819A6DF', 8],
      ['L-417A185B', 96],
      ['L-7212CCBC', 96],
    ]),
    spotRole: 'there' as 'there' | 'absent',
    /** Parameters that the region lacks. */
    missingImages: new Set<string>(),
    /** By type, or by type and subnet. */
    refusals: new Map<string, { readonly code: string; readonly message: string }>(),
    functions: new Map<string, FunctionState>(),
    launches: [] as string[],
  };
  const vitals: Vitals = {
    quotas: async (codes) => new Map([...state.quotas].filter(([code]) => codes.includes(code))),
    hasSpotRole: async () => state.spotRole === 'there',
    imageAt: async (parameter) => (state.missingImages.has(parameter) ? null : 'ami-0123456789abcdef0'),
    async tryLaunch({ type, subnet }) {
      state.launches.push(`${type} ${subnet}`);
      return state.refusals.get(`${type} ${subnet}`) ?? state.refusals.get(type) ?? 'allowed';
    },
    functionState: async (name) => state.functions.get(name) ?? null,
  };
  return { state, vitals };
}
