/** An error of S3: code, status and sentence are S3's own; `details` become elements beside them. */
export type S3Fault = {
  status: number;
  code: string;
  message: string;
  details?: Readonly<Record<string, string>>;
};

export const s3Fault = (
  status: number,
  code: string,
  message: string,
  details: Readonly<Record<string, string>> = {},
): { ok: false; error: S3Fault } => ({ ok: false, error: { status, code, message, details } });

/** Source of all codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const faults = {
  accessDenied: (message: string, details?: Record<string, string>) =>
    s3Fault(403, 'AccessDenied', message, details),
  badDigest: (message: string) => s3Fault(400, 'BadDigest', message),
  invalidRequest: (message: string) => s3Fault(400, 'InvalidRequest', message),
  methodNotAllowed: () =>
    s3Fault(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.'),
  noSuchBucket: (bucket: string) =>
    s3Fault(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket }),
  noSuchKey: (key: string) => s3Fault(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key }),
  notImplemented: (header: string) =>
    s3Fault(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented', {
      Header: header,
    }),
  preconditionFailed: (condition: string) =>
    s3Fault(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
      Condition: condition,
    }),
};

export function xml(root: string, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${content}</${root.split(' ')[0]}>`;
}

export const element = (name: string, text: string | number): string =>
  `<${name}>${escapeXml(String(text))}</${name}>`;

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
