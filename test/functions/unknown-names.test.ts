import { describe, expect, it } from 'vitest';
import { inMemorySortie } from './in-memory-sortie.ts';

const task = (fields: object) => ({ configuration: { type: 'task', commands: ['true'], ...fields } });

describe('what no catalogue has is refused where a plan is made', () => {
  it.each([
    ['/v1/plans', task({ instance_types: ['m5.xlrge'] })],
    ['/v1/runs', task({ instance_types: ['m5.xlrge'] })],
    ['/v1/fleets', { configuration: { type: 'fleet', name: 'gpu', instance_types: ['m5.xlrge'] } }],
  ])('by POST %s', async (path, body) => {
    const sortie = inMemorySortie();
    const answer = await sortie.request('POST', path, body);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      type: 'urn:sortie:problem:invalid-configuration',
      errors: [
        {
          path: ['configuration', 'instance_types', 0],
          message: expect.stringContaining('m5.xlrge'),
          hint: 'did you mean m5.xlarge?',
        },
      ],
    });
    expect([...sortie.store.heads.keys()]).toEqual([]);
  });

  it.each([
    ['a region', { regions: ['eu-central-1'] }, ['configuration', 'regions', 0]],
    ['a zone', { availability_zones: ['us-east-1q'] }, ['configuration', 'availability_zones', 0]],
    ['a GPU', { resources: { gpu: 'H100:8' } }, ['configuration', 'resources', 'gpu']],
  ])('%s as well', async (_, fields, path) => {
    const answer = await inMemorySortie().request('POST', '/v1/plans', task(fields));
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ errors: [{ path }] });
  });

  it('and where offers are looked at', async () => {
    const answer = await inMemorySortie().request('GET', '/v1/offers?instance_type=m5.xlrge');
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ errors: [{ hint: 'did you mean m5.xlarge?' }] });
  });
});
