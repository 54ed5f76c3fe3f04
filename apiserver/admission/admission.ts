/** What admission plugins see and may do: upstream's `admission.Attributes` and plugin interfaces. */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { RequestContext } from '../request-context';
import type { ReinvocationState } from './dynamic/reinvocation';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionAttributes<T extends KubeObject = any> {
  operation: Operation;
  definition: ResourceDefinition<T>;
  /** '' for the main resource. */
  subresource: string;
  namespace: string;
  /** '' when a generated name is not made yet. */
  name: string;
  /** The new state, or the body of a connect subresource (Binding, Eviction). Mutating plugins edit it in place. */
  object?: any;
  oldObject?: Stored<T>;
  /** CreateOptions, UpdateOptions, DeleteOptions or the options of a connect. */
  options?: Record<string, unknown>;
  context: RequestContext;
  /** Set by plugins that may ask for a second round of mutation. */
  reinvocation?: ReinvocationState;
}

/** Throws a StatusError (usually Forbidden) to refuse. */
export interface AdmissionPlugin {
  name: string;
  operations: readonly Operation[];
  /** The resources it has a say in; asked once for each. Default: all. */
  concerns?(definition: ResourceDefinition, subresource: string): boolean;
  admit?(attributes: AdmissionAttributes): Promise<void> | void;
  validate?(attributes: AdmissionAttributes): Promise<void> | void;
}

/** The configured plugins in upstream's order: first all `admit`, later all `validate`. */
export interface Admission {
  admit(attributes: AdmissionAttributes): Promise<void>;
  validate(attributes: AdmissionAttributes): Promise<void>;
}
