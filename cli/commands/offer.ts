import { type Command, Option } from 'commander';
import { Exit } from '../exit.ts';
import { planLines } from '../show/plan.ts';
import { out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, dollars, examples, whole } from './asking.ts';
import { perZone } from './plan.ts';

type Options = Common & {
  readonly cpu?: string;
  readonly memory?: string;
  readonly gpu?: string;
  readonly disk?: string;
  readonly spot?: string | true;
  readonly maxPrice?: number;
  readonly region?: readonly string[];
  readonly zone?: readonly string[];
  readonly instanceType?: readonly string[];
  readonly maxOffers: number;
  readonly zones?: true;
};

const gathered = (one: string, before: readonly string[] = []): string[] => [...before, one];

export const offer = (): Command =>
  asking('offer')
    .summary('list what EC2 offers, and idle instances')
    .description('Lists the offers that fit, best first, in the notation of a run configuration.')
    .option('--cpu <range>', 'vCPUs: 4, 4.., 2..8, arm:4..')
    .option('--memory <range>', 'memory: 16GB, 16GB.., 8GB..32GB')
    .option('--gpu <spec>', 'GPUs: 1, A10G, 24GB.., A100:80GB:8')
    .option('--disk <size>', 'disk: 200GB')
    .addOption(
      new Option('--spot [policy]', 'spot, on-demand or auto; alone: spot').choices([
        'spot',
        'on-demand',
        'auto',
      ]),
    )
    .option('--max-price <dollars>', 'at most so many dollars per hour', dollars)
    .option('--region <region>', 'in this region; may be repeated', gathered)
    .option('--zone <zone>', 'in this zone; may be repeated', gathered)
    .option('--instance-type <type>', 'of this type; may be repeated', gathered)
    .option('-n, --max-offers <count>', 'list at most so many', whole(1, 1_000), 20)
    .addOption(perZone())
    .addHelpText(
      'after',
      examples('sortie offer --gpu 24GB.. --spot', 'sortie offer --cpu 8.. --memory 32GB.. --max-price 0.4'),
    )
    .action(async (options: Options) => {
      const { cpu, memory, gpu, disk, maxPrice, spot } = options;
      const query = {
        ...{ cpu, memory, gpu, disk },
        spot: spot === true ? 'spot' : spot,
        max_price: maxPrice,
        region: options.region?.join(','),
        zone: options.zone?.join(','),
        instance_type: options.instanceType?.join(','),
        // A row is a type in all its zones, six mostly.
        limit: options.json || options.zones ? options.maxOffers : Math.min(1_000, 8 * options.maxOffers),
      };
      const found = await during('planning', clientFor(options).offers(query));
      const { paint } = out;
      const rows = options.zones ? ('zone' as const) : ('type' as const);
      const shown = { paint, width: out.width(), now: Date.now(), offers: options.maxOffers, rows };
      if (options.json) printJson(found);
      else for (const line of planLines(found.plan, 'no run', shown)) out.line(line);
      process.exitCode = found.plan.total_offers > 0 ? Exit.ok : Exit.failed;
    });
