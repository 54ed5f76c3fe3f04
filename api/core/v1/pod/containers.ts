/** The containers of a pod that have all fields; ephemeral ones do not. */
import type { Container, Pod } from './types';

/** Those that run side by side, then the init containers with the sidecars among them. */
export const containersOf = ({ spec }: Pod): Container[] =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])] as Container[];
