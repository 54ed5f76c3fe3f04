/** What a measurement is: one number of seconds, with what Kubernetes needs and what the engine alone allows beside it. */
import type { Lab } from './lab';

/** What the engine needs for the same containers when told directly, in seconds; the better of the concurrencies tried. */
export interface EngineFloor {
  start: number;
  remove: number;
}

export interface Measurement {
  name: string;
  title: string;
  /** Kubernetes 1.20 on the same engine, on a 4-core machine: from and to, in seconds. */
  kubernetes: [number, number];
  /** Which part of the floor bounds it from below. */
  floor?: keyof EngineFloor;
  /** The most it may be, in seconds; undefined when there is no such goal, or no floor to tell it from. */
  goal(floor: EngineFloor | undefined): number | undefined;
  /** Gives seconds. */
  run(lab: Lab): Promise<number>;
}

export const halfOfKubernetes = ({ kubernetes }: Pick<Measurement, 'kubernetes'>): number => kubernetes[0] / 2;

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

/** The middle one of several runs. */
export async function median(times: number, once: (n: number) => Promise<number>): Promise<number> {
  const results: number[] = [];
  for (let n = 0; n < times; n++) results.push(await once(n));
  return results.sort((a, b) => a - b)[Math.floor(times / 2)] ?? NaN;
}
