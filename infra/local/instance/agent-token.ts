import { createHmac } from 'node:crypto';
import { type Credentials, isSame } from '../wire/signature.ts';

/** By which an instance's agent shows that it is that instance's: derived, so that nothing has to be kept. */
export const agentToken = (credentials: Credentials, instance: string): string =>
  tokenOf(credentials, instance).toString('hex');

export const isAgentToken = (given: string, credentials: Credentials, instance: string): boolean =>
  isSame(given, tokenOf(credentials, instance));

const tokenOf = ({ secretAccessKey }: Credentials, instance: string): Buffer =>
  createHmac('sha256', secretAccessKey).update(`agent of ${instance}`).digest();
