/** What the algebra of applying asks of a kind that is served in several versions. */
import type { TypeSchema } from './type-schema';

/** The versions of one kind. */
export interface Versions {
  /** Undefined: the version is not served any more. */
  typeOf(apiVersion: string): TypeSchema | undefined;
  /** An object of version `from` in version `to`, which is served and another one. */
  convert(object: object, from: string, to: string): Promise<object> | object;
}
