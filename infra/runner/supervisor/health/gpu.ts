import type { BundledHealth } from '../../contract.ts';
import { complaint, type Ended } from '../container/run-cli.ts';
import type { Finding, Run } from './check-health.ts';

/** As many as the offer says, and none with errors that its vendor's tool tells of. */
export async function gpu({ gpus, vendor }: BundledHealth['expects'], run: Run): Promise<Finding> {
  if (gpus === 0) return null;
  switch (vendor) {
    case 'nvidia':
      return nvidia(gpus, run);
    case 'amd':
      return amd(gpus, run);
    // There is no tool of theirs that we know.
    case 'other':
    case null:
      return null;
  }
}

async function nvidia(expected: number, run: Run): Promise<Finding> {
  const listed = await run(['nvidia-smi', '-L']);
  const seen = listed.out.match(/^GPU \d+:.*UUID/gm)?.length ?? 0;
  const wrong = ofList('nvidia-smi', listed, seen, expected);
  if (wrong !== null) return wrong;
  const query = '--query-gpu=index,ecc.errors.uncorrected.volatile.total';
  const errors = await run(['nvidia-smi', query, '--format=csv,noheader,nounits']);
  if (errors.cut !== null) return `nvidia-smi: ${complaint(errors)}`;
  // A GPU without ECC says [N/A], an old driver that it does not know the field.
  const bad = [...errors.out.matchAll(/^(\d+), *([1-9]\d*)$/gm)];
  return listOf(bad.map(([, index, count]) => `GPU ${index} has ${count} uncorrected ECC errors`));
}

async function amd(expected: number, run: Run): Promise<Finding> {
  const listed = await run(['rocm-smi', '--showid']);
  const seen = new Set([...listed.out.matchAll(/^GPU\[(\d+)\]/gm)].map(([, index]) => index)).size;
  const wrong = ofList('rocm-smi', listed, seen, expected);
  if (wrong !== null) return wrong;
  const errors = await run(['rocm-smi', '--showrasinfo']);
  if (errors.cut !== null) return `rocm-smi: ${complaint(errors)}`;
  // Block, status, correctable and uncorrectable errors.
  const bad = [...errors.out.matchAll(/^\s*(\w+)\s+ENABLED\s+\d+\s+([1-9]\d*)\s*$/gm)];
  return listOf(bad.map(([, block, count]) => `${block} has ${count} uncorrectable errors`));
}

function ofList(tool: string, listed: Ended, seen: number, expected: number): Finding {
  if (listed.cut !== null) return `${tool}: ${complaint(listed)}`;
  if (listed.status === null)
    return `its offer has ${expected}, and there is no ${tool} to see them by (${listed.err})`;
  if (listed.status !== 0) return `${tool}: ${complaint(listed)}`;
  return seen >= expected ? null : `${tool} shows ${seen} of ${expected}`;
}

const listOf = (findings: readonly string[]): Finding =>
  findings.length === 0 ? null : findings.join(', ').slice(0, 500);
