import { randomUUID } from 'node:crypto';
import type { AwsError } from '../wire/aws-error.ts';
import type { WireReply } from '../wire/http.ts';

/** The AWS JSON 1.1 protocol: the operation is in `x-amz-target`, times are epoch seconds. */
export function answerJson(content: object): WireReply {
  return { kind: 'answer', status: 200, headers: headers(), body: JSON.stringify(content) };
}

export function refuseJson(error: AwsError): WireReply {
  const body = JSON.stringify({ __type: error.code, message: error.message });
  return { kind: 'answer', status: error.status, headers: headers(), body };
}

export const epochSeconds = (milliseconds: number): number => milliseconds / 1000;

const headers = () => ({ 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() });
