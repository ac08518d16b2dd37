import { describe, expect, it } from 'vitest';
import { isSlowToBoot } from '../../../domain/planning/bare-metal.ts';
import type { Candidate } from '../../../domain/planning/candidate.ts';
import type { ImageKind } from '../../../domain/planning/image.ts';
import { planOffers } from '../../../domain/planning/plan.ts';
import { prepareCatalogue } from '../../../domain/planning/prepared.ts';
import { loadCatalogue } from '../../../infra/catalogue/load.ts';
import { catalogueOf, context, request, type } from './given.ts';

/** What AWS publishes an image for: a deployment's default. */
const images = new Set<ImageKind>(['x86_64', 'arm64', 'nvidia', 'nvidia-arm64']);
const catalogue = loadCatalogue('us-east-1', { publicIpv4: true, images });

const familiesOf = (candidates: readonly Candidate[]): string[] =>
  [...new Set(candidates.map(({ machine }) => machine.name.split('.')[0] ?? ''))].sort();
const all = catalogue.ranked.filter(({ machine }) => machine.launch === 'shared tenancy');
const byKind = Map.groupBy(all, ({ machine }) => machine.image);

describe('every type of us-east-1', () => {
  it('boots from the image that its accelerators need', () => {
    const special = [...byKind].filter(([kind]) => kind !== 'x86_64' && kind !== 'arm64');
    expect(Object.fromEntries(special.map(([kind, of]) => [kind, familiesOf(of).join(' ')]))).toEqual({
      nvidia: 'g4dn g5 g6 g6e g7 g7e gr6 p4d p4de p5 p5en p6-b200 p6-b300',
      'nvidia-arm64': 'g5g',
      'nvidia-proprietary': 'p3dn',
      'nvidia-grid': 'g6f gr6f',
      amd: 'g4ad',
      neuron: 'inf1 inf2 trn1 trn1n',
      fpga: 'f2',
      'media-accelerator': 'vt1',
      graviton1: 'a1',
      paravirtual: 'c1 m1 m2 t1',
      tiny: 't2 t3 t3a t4g',
    });
    expect(byKind.get('tiny')?.every(({ machine }) => machine.name.endsWith('.nano'))).toBe(true);
  });

  it('with a GPU is on an image that has its driver, and no other type is', () => {
    const plain: readonly ImageKind[] = ['x86_64', 'arm64', 'graviton1', 'paravirtual', 'tiny'];
    const wrong = all.filter(({ machine: { gpu, image, arch } }) =>
      gpu === null ? (image === 'x86_64' || image === 'arm64') && image !== arch : plain.includes(image),
    );
    expect(familiesOf(wrong)).toEqual([]);
  });

  it('is offered where there is an image for it, and else refused with what is missing', () => {
    const offered = (['x86', 'arm'] as const).flatMap((arch) => {
      const asked = request({ resources: { cpu: { arch, count: { min: null, max: null } } } });
      return planOffers(catalogue, asked, context()).offers.map(({ instance_type }) => instance_type);
    });
    const bootable = all.filter(({ machine }) => images.has(machine.image) && !isSlowToBoot(machine.name));
    expect(new Set(offered)).toEqual(new Set(bootable.map(({ machine }) => machine.name)));
  });
});

describe('a type without an image', () => {
  it.each([
    ['g4ad.xlarge', 'no image with AMD’s GPU driver'],
    ['p3dn.24xlarge', 'no image with NVIDIA’s proprietary driver, which its GPUs need'],
    ['g6f.large', 'no image with NVIDIA’s GRID driver, which a fraction of a GPU needs'],
    ['trn1.2xlarge', 'no image with AWS’s Neuron driver'],
    ['a1.large', 'no image for the first Graviton'],
    ['t1.micro', 'no image for paravirtual types'],
    ['t3.nano', 'no image for less than 1 GiB of memory'],
  ])('says so where it is asked for: %s', (name, has) => {
    const cpu = { arch: name.startsWith('a1') ? ('arm' as const) : null, count: { min: null, max: null } };
    const plan = planOffers(catalogue, request({ instance_types: [name], resources: { cpu } }), context());
    expect(plan.total_offers).toBe(0);
    expect(plan.nearest[0]?.offer.instance_type).toBe(name);
    expect(plan.nearest[0]?.missing.find(({ reason }) => reason === 'image')?.has).toBe(has);
  });

  it('is offered once the deployment has one', () => {
    const types = [type('g4ad.xlarge', { gpu: { vendor: 'amd', name: 'V520', count: 1, memoryMib: 8192 } })];
    const { rates, region, version, priceAsOf, spotAsOf } = catalogueOf();
    const having = (...more: ImageKind[]) =>
      planOffers(
        prepareCatalogue({ region, version, priceAsOf, spotAsOf, rates, zones: [], types }, 'shipped', {
          publicIpv4: true,
          images: new Set([...images, ...more]),
        }),
        request(),
        context(),
      ).total_offers;
    expect([having(), having('amd')]).toEqual([0, 2]);
  });
});
