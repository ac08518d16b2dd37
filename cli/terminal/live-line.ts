import { harmless, type Output } from './output.ts';
import { cut } from './table.ts';

/** The last line of a terminal, redrawn in place; above it, lines that stay. */
export interface LiveLine {
  /** What it says from now on; asked again for every frame. Nothing is shown where nobody looks. */
  show(text: () => string): void;
  /** A line that stays. */
  line(text: string): void;
  /** Takes the line away while something else is written. `at`: where that leaves the cursor. */
  around(write: () => Promise<'line start' | 'within a line'>): Promise<void>;
  end(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const EVERY = 100;
const CLEAR = '\r\u001b[2K';

export function liveLine(output: Output): LiveLine {
  let text: (() => string) | null = null;
  let frame = 0;
  let hidden = false;
  let timer: NodeJS.Timeout | undefined;

  const draw = () => {
    if (text === null || hidden) return;
    const spinner = FRAMES[frame++ % FRAMES.length] ?? '';
    const shown = cut(harmless(text()), (output.width() ?? 80) - 3);
    void output.write(`${CLEAR}${output.paint.cyan(spinner)} ${shown}`);
  };
  const clear = () => {
    if (text !== null && !hidden) void output.write(CLEAR);
  };

  return {
    show(next) {
      if (!output.live) return;
      text = next;
      timer ??= setInterval(draw, EVERY);
      draw();
    },
    line(said) {
      // Output that stopped within a line is not continued by ours.
      if (hidden) output.line();
      hidden = false;
      clear();
      output.line(said);
      draw();
    },
    async around(write) {
      clear();
      hidden = true;
      hidden = (await write()) === 'within a line' && output.live;
      draw();
    },
    end() {
      clearInterval(timer);
      if (hidden) output.line();
      else clear();
      text = null;
      hidden = false;
    },
  };
}
