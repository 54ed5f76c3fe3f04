import { randomInt } from 'node:crypto';

/** An address of this machine that is nobody else's, for tests that need certain ports: several may run at a time. */
export const freshLoopbackAddress = (): string => `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
