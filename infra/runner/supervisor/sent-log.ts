import * as fs from 'node:fs';

const GIB = 1024 ** 3;

/** The log as the server gets it: up to a limit in bytes, then a line that says so. The instance's disk has all of it. */
export type SentLog = { size(): number; read(offset: number, most: number): Buffer };

export function sentLog(file: number, limit: number): SentLog {
  const note = Buffer.from(
    `\n[sortie] The output is cut here, at ${Number((limit / GIB).toFixed(3))}GB; the commands run on. ` +
      'For more of it: `log_limit` in the run configuration\n',
  );
  return {
    size() {
      const { size } = fs.fstatSync(file);
      return size <= limit ? size : limit + note.length;
    },
    read(offset, most) {
      const kept = Buffer.alloc(Math.max(0, Math.min(most, limit - offset)));
      const output = kept.subarray(0, fs.readSync(file, kept, 0, kept.length, offset));
      if (output.length === most || output.length < kept.length) return output;
      const said = Math.max(0, offset - limit);
      return Buffer.concat([output, note.subarray(said, said + most - output.length)]);
    },
  };
}
