/** Counts layers in what `docker pull` and `podman pull` print where nobody watches. */
export function pullProgress(image: string, tell: (message: string) => void): (chunk: Buffer) => void {
  const layers = new Set<string>();
  const done = new Set<string>();
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const docker = /^([0-9a-f]{12}): (.*)/.exec(line);
      const podman = /^Copying blob (?:sha256:)?([0-9a-f]+)(.*)/.exec(line);
      const [, layer = '', state = ''] = docker ?? podman ?? [];
      if (layer === '') continue;
      layers.add(layer);
      if (/Pull complete|Already exists|done|skipped/.test(state)) done.add(layer);
    }
    if (layers.size > 0) tell(`${image}: ${done.size} of ${layers.size} layers`);
  };
}
