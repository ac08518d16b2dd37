import { userDataScript } from './user-data-script.ts';

/** EC2 takes 16 KB, counted before base64. */
const LARGEST_USER_DATA = 16 * 1024;

export type UserDataInput = {
  instance: string;
  /** Proves to the server that the report comes from the machine that it launched. */
  nonce: string;
  apiUrl: string;
  /** Without a contact for so long the instance ends itself. */
  deadmanSeconds: number;
  /** Where machines share a file system: each one's own directory. */
  home?: string;
};

/** The script an instance boots with: the dead-man timer, Node, and the report that it is ready. */
export function userData({ instance, nonce, apiUrl, deadmanSeconds, home }: UserDataInput): string {
  const seconds = Math.ceil(deadmanSeconds);
  const values: Record<string, string> = {
    HOME: home === undefined ? `"\${SORTIE_HOME:-/var/lib/sortie}"` : `'${quoted(home)}'`,
    IDENTITY: quoted(JSON.stringify({ instance, nonce })),
    STEP: `${Math.min(15, Math.max(1, Math.floor(seconds / 20)))}`,
    DEADMAN: `${seconds}`,
    API: quoted(`${apiUrl.replace(/\/$/, '')}/v1/instances/${instance}`),
    NONCE: quoted(JSON.stringify(nonce)),
  };
  const script = userDataScript.replace(/@([A-Z_]+)@/g, (whole, name: string) => values[name] ?? whole);
  if (script.length > LARGEST_USER_DATA)
    throw new Error(`user data of ${script.length} bytes, where EC2 takes 16 KB`);
  return script;
}

const quoted = (text: string) => text.replaceAll("'", `'\\''`);
