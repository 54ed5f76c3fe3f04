/** Tells the user what is being done, a line a step. */

export interface Progress {
  /** Prints the step and, when the work is done, how long it took. The work may give a remark for the line. */
  step<T>(title: string, work: () => Promise<T>, remark?: (result: T) => string): Promise<T>;
  say(line: string): void;
}

export function createProgress(write: (text: string) => void = (text) => process.stdout.write(text)): Progress {
  return {
    async step(title, work, remark) {
      const begin = performance.now();
      write(` • ${title} … `);
      try {
        const result = await work();
        const note = remark?.(result);
        write(`✓ ${note ? `${note} ` : ''}(${((performance.now() - begin) / 1000).toFixed(1)} s)\n`);
        return result;
      } catch (error) {
        write('✗\n');
        throw error;
      }
    },
    say: (line) => write(`${line}\n`),
  };
}
