import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** EC2 (query protocol) and the Price List (JSON 1.1) on a loopback port, with one small region in pages of one. They
 * know one access key, `test`, and refuse every other as AWS does. */
export async function startAws(): Promise<{ url: string; asked: string[]; stop: () => Promise<void> }> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const known = request.headers.authorization?.includes('Credential=test/') ?? false;
    if (request.headers['x-amz-target'] === 'AWSPriceListService.GetProducts') {
      const { ServiceCode, Filters, NextToken } = JSON.parse(body);
      const wanted = Object.fromEntries(
        Filters.map(({ Field, Value }: Record<string, string>) => [Field, Value]),
      );
      const of = wanted.tenancy ?? wanted.productFamily ?? ServiceCode;
      asked.push(`GetProducts ${wanted.regionCode} ${of}`);
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (!known) return void response.writeHead(400).end(invalidToken);
      response.end(JSON.stringify({ FormatVersion: 'aws_v1', ...priceList(of, NextToken) }));
      return;
    }
    const query = new URLSearchParams(body);
    const action = query.get('Action') ?? '';
    asked.push(action);
    response.setHeader('content-type', 'text/xml;charset=UTF-8');
    if (!known) return void response.writeHead(401).end(authFailure);
    response.end(answer(action, sets[action]?.(query.get('NextToken')) ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, asked, stop };
}

const invalidToken = JSON.stringify({
  __type: 'UnrecognizedClientException',
  message: 'The security token included in the request is invalid.',
});
const authFailure = `<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message>
</Error></Errors><RequestID>1</RequestID></Response>`;

const answer = (action: string, set: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>${set}</${action}Response>`;

const sets: Record<string, (token: string | null) => string> = {
  DescribeAvailabilityZones: () =>
    `<availabilityZoneInfo>${['a', 'b', 'c']
      .map(
        (letter, n) =>
          `<item><zoneName>eu-west-1${letter}</zoneName><zoneId>euw1-az${n + 1}</zoneId><zoneType>availability-zone</zoneType></item>`,
      )
      .join('')}</availabilityZoneInfo>`,
  DescribeInstanceTypes: (token) =>
    token === null
      ? `<instanceTypeSet>${type('m5.large', false)}</instanceTypeSet><nextToken>2</nextToken>`
      : `<instanceTypeSet>${type('m5.metal', true)}</instanceTypeSet>`,
  DescribeInstanceTypeOfferings: () =>
    `<instanceTypeOfferingSet>${['m5.large', 'm5.metal']
      .flatMap((name) => ['eu-west-1a', 'eu-west-1b'].map((zone) => [name, zone]))
      .map(
        ([name, zone]) =>
          `<item><instanceType>${name}</instanceType><locationType>availability-zone</locationType><location>${zone}</location></item>`,
      )
      .join('')}</instanceTypeOfferingSet>`,
  DescribeSpotPriceHistory: () =>
    `<spotPriceHistorySet><item><instanceType>m5.large</instanceType><productDescription>Linux/UNIX</productDescription>
     <spotPrice>0.040100</spotPrice><timestamp>2026-11-20T10:00:00.000Z</timestamp>
     <availabilityZone>eu-west-1b</availabilityZone></item></spotPriceHistorySet><nextToken/>`,
};

const type = (name: string, metal: boolean): string =>
  `<item><instanceType>${name}</instanceType><currentGeneration>true</currentGeneration><bareMetal>${metal}</bareMetal>
   <supportedUsageClasses><item>on-demand</item><item>spot</item></supportedUsageClasses>
   <processorInfo><supportedArchitectures><item>x86_64</item></supportedArchitectures></processorInfo>
   <vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo><memoryInfo><sizeInMiB>8192</sizeInMiB></memoryInfo>
   <burstablePerformanceSupported>false</burstablePerformanceSupported></item>`;

function priceList(of: string, token: string | undefined): { PriceList: string[]; NextToken?: string } {
  if (of === 'Dedicated') return { PriceList: [product('m5.metal', '5.136')] };
  if (of === 'Storage') return { PriceList: [rate('EU-EBS:VolumeUsage.gp3', 'GB-Mo', '0.088')] };
  if (of === 'AmazonVPC') return { PriceList: [rate('EU-PublicIPv4:InUseAddress', 'Hrs', '0.005')] };
  if (of === 'CPU Credits') return { PriceList: [rate('EU-CPUCredits:t3', 'vCPU-Hours', '0.05')] };
  return token === undefined
    ? { PriceList: [product('c5.large', '0.096')], NextToken: '2' }
    : { PriceList: [product('m5.large', '0.107')] };
}

const product = (instanceType: string, USD: string): string =>
  JSON.stringify({
    product: { attributes: { instanceType } },
    terms: { OnDemand: { term: { priceDimensions: { rate: { unit: 'Hrs', pricePerUnit: { USD } } } } } },
  });

const rate = (usagetype: string, unit: string, USD: string): string =>
  JSON.stringify({
    product: { attributes: { usagetype } },
    terms: { OnDemand: { term: { priceDimensions: { rate: { unit, pricePerUnit: { USD } } } } } },
  });
