/** Checks of a FlowSchema. Upstream: `pkg/apis/flowcontrol/validation`. */
import { at, invalidEach, requiredAnd } from '../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, notSupported, required } from '../../meta/field-error';
import { deepEqual } from '../../meta/json';
import { isDns1123Label, isDns1123Subdomain } from '../../meta/names';
import { mandatoryFlowSchemas } from './bootstrap';
import { validateConditionTypes } from './condition-types';
import type {
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from './types';

const maxPrecedence = 10_000;
const distinguisherMethods = ['ByNamespace', 'ByUser'];
const verbNames = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

export function validateFlowSchema({ metadata, spec, status }: FlowSchema): FieldError[] {
  const name = metadata?.name ?? '';
  const path = at('spec');
  const errors = validateSpec(name, spec, path);
  const mandatory = mandatoryFlowSchemas.find((schema) => schema.metadata?.name === name);
  if (mandatory && !deepEqual(spec, mandatory.spec)) {
    errors.push(invalid(path, spec, `spec of '${name}' must equal the fixed value`));
  }
  return [...errors, ...validateConditionTypes(status?.conditions)];
}

function validateSpec(name: string, spec: FlowSchemaSpec | undefined, path: FieldPath): FieldError[] {
  const { matchingPrecedence: precedence = 0, distinguisherMethod, rules = [] } = spec ?? {};
  const level = spec?.priorityLevelConfiguration?.name;
  const errors: FieldError[] = [];
  const refuse = (detail: string) => errors.push(invalid(path.child('matchingPrecedence'), precedence, detail));
  if (precedence <= 0) refuse('must be a positive value');
  if (precedence > maxPrecedence) refuse(`must not be greater than ${maxPrecedence}`);
  if (precedence === 1 && name !== 'exempt') refuse("only the schema named 'exempt' may have matchingPrecedence 1");
  if (distinguisherMethod && !distinguisherMethods.includes(distinguisherMethod.type)) {
    const methodPath = path.child('distinguisherMethod', 'type');
    errors.push(notSupported(methodPath, distinguisherMethod, distinguisherMethods));
  }
  const levelPath = path.child('priorityLevelConfiguration', 'name');
  if (level) errors.push(...invalidEach(levelPath, level, isDns1123Subdomain(level)));
  else errors.push(required(levelPath, 'must reference a priority level'));
  return [...errors, ...rules.flatMap((rule, index) => validateRule(rule, path.child('rules').index(index)))];
}

function validateRule(rule: PolicyRulesWithSubjects, path: FieldPath): FieldError[] {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule;
  const errors = subjects.flatMap((subject, index) => validateSubject(subject, path.child('subjects').index(index)));
  if (subjects.length === 0) {
    errors.push(required(path.child('subjects'), 'subjects must contain at least one value'));
  }
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  for (const [index, one] of resourceRules.entries()) {
    errors.push(...validateResourceRule(one, path.child('resourceRules').index(index)));
  }
  for (const [index, one] of nonResourceRules.entries()) {
    errors.push(...validateNonResourceRule(one, path.child('nonResourceRules').index(index)));
  }
  return errors;
}

const subjectFields = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const;

function validateSubject(subject: Subject, path: FieldPath): FieldError[] {
  if (!Object.hasOwn(subjectFields, subject.kind)) {
    return [notSupported(path.child('kind'), subject.kind, Object.keys(subjectFields))];
  }
  return Object.entries(subjectFields).flatMap(([kind, field]) => {
    const fieldPath = path.child(field);
    if (kind !== subject.kind) {
      const detail = `${field} is forbidden when subject kind is not '${kind}'`;
      return subject[field] ? [forbidden(fieldPath, detail)] : [];
    }
    if (!subject[field]) return [required(fieldPath, `${field} is required when subject kind is '${kind}'`)];
    if (field === 'serviceAccount') return validateServiceAccount(subject.serviceAccount ?? {}, fieldPath);
    return requiredAnd(fieldPath.child('name'), subject[field].name);
  });
}

function validateServiceAccount(
  { name = '', namespace = '' }: { name?: string; namespace?: string },
  path: FieldPath,
): FieldError[] {
  const errors = name === '*' ? [] : requiredAnd(path.child('name'), name, isDns1123Subdomain);
  if (namespace) return [...errors, ...invalidEach(path.child('namespace'), namespace, isDns1123Label(namespace))];
  return [...errors, required(path.child('namespace'), 'must specify namespace for service account')];
}

function validateVerbs(verbs: string[], path: FieldPath): FieldError[] {
  if (verbs.length === 0) return [required(path, 'verbs must contain at least one value')];
  if (verbs.includes('*')) return onlyWildcard(verbs, path, 'verbs');
  return verbs.every((verb) => verbNames.includes(verb)) ? [] : [notSupported(path, verbs, verbNames)];
}

const onlyWildcard = (values: string[], path: FieldPath, noun: string): FieldError[] =>
  values.length > 1 && values.includes('*')
    ? [invalid(path, values, `if '*' is present, must not specify other ${noun}`)]
    : [];

function validateNonResourceRule({ verbs = [], nonResourceURLs = [] }: NonResourcePolicyRule, path: FieldPath) {
  const urlsPath = path.child('nonResourceURLs');
  const errors = validateVerbs(verbs, path.child('verbs'));
  if (nonResourceURLs.length === 0) {
    return [...errors, required(urlsPath, 'nonResourceURLs must contain at least one value')];
  }
  if (nonResourceURLs.includes('*'))
    return [...errors, ...onlyWildcard(nonResourceURLs, urlsPath, 'non-resource URLs')];
  return [...errors, ...nonResourceURLs.flatMap((url, index) => validateUrlPath(url, urlsPath.index(index)))];
}

function validateUrlPath(url: string, path: FieldPath): FieldError[] {
  const refuse = (detail: string): FieldError[] => [invalid(path, url, detail)];
  if (url === '') return refuse('must not be empty');
  if (url === '/') return [];
  if (!url.startsWith('/')) return refuse('must start with slash');
  if (url.includes(' ')) return refuse('must not contain white-space');
  if (url.includes('//')) return refuse('must not contain double slash');
  const wildcards = url.split('*').length - 1;
  if (wildcards > 1 || (wildcards === 1 && !url.endsWith('/*'))) return refuse('wildcard can only do suffix matching');
  return [];
}

function validateResourceRule(rule: ResourcePolicyRule, path: FieldPath): FieldError[] {
  const { verbs = [], apiGroups = [], resources = [], namespaces = [], clusterScope } = rule;
  const errors = validateVerbs(verbs, path.child('verbs'));
  const groupsPath = path.child('apiGroups');
  if (apiGroups.length === 0) errors.push(required(groupsPath, 'resource rules must supply at least one api group'));
  errors.push(...onlyWildcard(apiGroups, groupsPath, 'api groups'));
  const resourcesPath = path.child('resources');
  if (resources.length === 0) errors.push(required(resourcesPath, 'resource rules must supply at least one resource'));
  errors.push(...onlyWildcard(resources, resourcesPath, 'resources'));
  const namespacesPath = path.child('namespaces');
  if (namespaces.length === 0 && !clusterScope) {
    const detail = 'resource rules that are not cluster scoped must supply at least one namespace';
    errors.push(required(namespacesPath, detail));
  }
  if (namespaces.includes('*')) return [...errors, ...onlyWildcard(namespaces, namespacesPath, 'namespaces')];
  const intro = "each member of this list must be '*' or a DNS-1123 label; ";
  for (const [index, namespace] of namespaces.entries()) {
    const messages = isDns1123Label(namespace).map((message) => intro + message);
    errors.push(...invalidEach(namespacesPath.index(index), namespace, messages));
  }
  return errors;
}

export const validateFlowSchemaStatus = ({ status }: FlowSchema): FieldError[] =>
  validateConditionTypes(status?.conditions);
