/** Everything an expression of Kubernetes may call. */
import { functionTable } from '../functions';
import { optionalLibrary } from './optional';
import { standardLibrary } from './standard';

export const kubernetesFunctions = functionTable(standardLibrary, optionalLibrary);
