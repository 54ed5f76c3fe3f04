/** Everything an expression of Kubernetes may call. */
import { functionTable, type Overload } from '../functions';
import { authorizerLibrary } from './authorizer';
import { listsLibrary, setsLibrary } from './lists';
import { formatsLibrary } from './named-formats';
import { networkLibrary } from './network';
import { optionalLibrary } from './optional';
import { quantityLibrary } from './quantity';
import { regexLibrary } from './regex';
import { semverLibrary } from './semver';
import { standardLibrary } from './standard';
import { stringsLibrary } from './strings';
import { urlLibrary } from './url';

export const libraries: readonly Overload[][] = [
  standardLibrary,
  optionalLibrary,
  stringsLibrary,
  listsLibrary,
  setsLibrary,
  regexLibrary,
  urlLibrary,
  networkLibrary,
  quantityLibrary,
  semverLibrary,
  formatsLibrary,
  authorizerLibrary,
];

export const kubernetesFunctions = functionTable(...libraries);
