/** The command line of the set-up: `up`, `down`, `join`, `leave`, `compose`. Started by `bootstrap.mjs`, once everything is built. */
import { FlagError, HelpRequested } from '../component-base/flags';
import { compose } from './compose/compose';
import { down } from './down';
import { join } from './join';
import { leave } from './leave';
import { createProgress } from './progress';
import { SetupError } from './setup-error';
import { up } from './up';

const commands = { up, down, join, leave, compose };

async function main([name = '', ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name as keyof typeof commands] : undefined;
  if (!command) {
    console.error(`"${name}" is not a command. Commands: ${Object.keys(commands).join(', ')}.`);
    return 1;
  }
  try {
    await command(args, createProgress());
    return 0;
  } catch (error) {
    if (error instanceof HelpRequested) {
      console.log(error.message);
      return 0;
    }
    if (error instanceof SetupError) {
      console.error(` ✗ ${error.message}${error.remedy ? ` ${error.remedy}` : ''}`);
    } else if (error instanceof FlagError) {
      console.error(`Error: ${error.message}`);
    } else {
      console.error(error);
    }
    return 1;
  }
}

// Open keep-alive connections must not hold the command back.
void main(process.argv.slice(2)).then((code) => process.exit(code));
