import type { PolicyRule } from '../../../api/rbac/v1';
import { bootstrapClusterRoles } from '../../../apiserver/authorization/bootstrap/policy';
import { controllerRules } from '../../../apiserver/authorization/bootstrap/controller-roles';
import { controllers, selectControllers } from '../../../controller-manager/controllers';

const names = (wanted: string[]) => selectControllers(wanted).map(({ controller }) => controller.name);

describe('selectControllers', () => {
  it('takes all, one, or all but one', () => {
    expect(names(['*'])).toHaveLength(controllers.length);
    expect(names(['deployment-controller'])).toEqual(['deployment-controller']);
    expect(names(['*', '-deployment-controller'])).not.toContain('deployment-controller');
  });
  it('refuses a name that is none', () => {
    expect(() => names(['nonsense'])).toThrow('"nonsense" is not in the list of known controllers');
  });
  it('has names that are unique', () => {
    expect(new Set(names(['*'])).size).toBe(controllers.length);
  });
});

describe('permissions', () => {
  const covers = (granted: readonly string[] | undefined, wanted: string): boolean =>
    granted?.includes('*') === true || granted?.includes(wanted) === true;
  /** Every single right of a rule. */
  const rights = ({ apiGroups = [], resources = [], verbs, nonResourceURLs = [] }: PolicyRule): string[][] => [
    ...apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => [group, resource, verb]))),
    ...nonResourceURLs.flatMap((url) => verbs.map((verb) => [url, verb])),
  ];
  const allows = (rule: PolicyRule, [first = '', second = '', verb]: string[]): boolean =>
    verb === undefined
      ? covers(rule.nonResourceURLs, first) && covers(rule.verbs, second)
      : covers(rule.apiGroups, first) && covers(rule.resources, second) && covers(rule.verbs, verb);
  const rulesOf = (name: string): PolicyRule[] =>
    bootstrapClusterRoles.find(({ metadata }) => metadata?.name === name)?.rules ?? [];
  const granted = [
    ...Object.values(controllerRules).flat(),
    ...rulesOf('system:kube-controller-manager'),
    ...rulesOf('system:discovery'),
  ];

  it.each(controllers.map(({ controller }) => [controller.name, controller.permissions] as const))(
    'that %s asks for are granted by the bootstrap roles',
    (_, permissions) => {
      const missing = permissions.flatMap(rights).filter((right) => !granted.some((rule) => allows(rule, right)));
      expect(missing.map((right) => right.join(' '))).toEqual([]);
    },
  );
});
