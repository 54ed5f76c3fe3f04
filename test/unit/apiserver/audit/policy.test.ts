import { createAuditEvaluator, parseAuditPolicy } from '../../../../apiserver/audit/policy';
import { parseRequestInfo } from '../../../../apiserver/request-info';
import type { UserInfo } from '../../../../apiserver/request-context';

const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const jane: UserInfo = { name: 'jane', groups: ['dev', 'system:authenticated'] };
const levelOf = (rules: string, method: string, path: string, user: UserInfo | null = jane): string => {
  const evaluate = createAuditEvaluator(parseAuditPolicy(`${head}rules:\n${rules}\n- level: None`));
  return evaluate(parseRequestInfo(method, path, new URLSearchParams()), user ?? undefined)?.level ?? 'None';
};
const secret = '/api/v1/namespaces/a/secrets/one';
const log = '/api/v1/namespaces/a/pods/web/log';

it.each([
  ['- level: Metadata', 'GET', secret, 'Metadata'],
  ['- {level: Metadata, users: [jane]}', 'GET', secret, 'Metadata'],
  ['- {level: Metadata, users: [joe]}', 'GET', secret, 'None'],
  ['- {level: Metadata, userGroups: [dev]}', 'GET', secret, 'Metadata'],
  ['- {level: Metadata, verbs: [update]}', 'GET', secret, 'None'],
  ['- {level: Request, resources: [{resources: [secrets]}]}', 'GET', secret, 'Request'],
  ['- {level: Request, resources: [{group: apps, resources: [secrets]}]}', 'GET', secret, 'None'],
  ['- {level: Request, resources: [{group: apps}]}', 'GET', '/apis/apps/v1/namespaces/a/deployments/x', 'Request'],
  ['- {level: Request, resources: [{resources: [secrets], resourceNames: [two]}]}', 'GET', secret, 'None'],
  ['- {level: Request, resources: [{resources: [pods]}]}', 'GET', log, 'None'],
  ['- {level: Request, resources: [{resources: [pods/log]}]}', 'GET', log, 'Request'],
  ['- {level: Request, resources: [{resources: ["pods/*"]}]}', 'GET', log, 'Request'],
  ['- {level: Request, resources: [{resources: ["*/log"]}]}', 'GET', log, 'Request'],
  ['- {level: Request, resources: [{resources: ["*"]}]}', 'GET', log, 'Request'],
  ['- {level: Request, namespaces: [b]}', 'GET', secret, 'None'],
  ['- {level: Request, namespaces: [""]}', 'GET', '/api/v1/nodes/n', 'Request'],
  ['- {level: Metadata, nonResourceURLs: ["/healthz*"]}', 'GET', '/healthz/ping', 'Metadata'],
  ['- {level: Metadata, nonResourceURLs: ["/healthz*"]}', 'GET', secret, 'None'],
  ['- level: None\n- level: Metadata', 'GET', secret, 'None'],
])('%s gives %s %s the level %s', (rules, method, path, level) => {
  expect(levelOf(rules, method, path)).toBe(level);
});

it('knows no user where authentication failed', () => {
  expect(levelOf('- {level: Metadata, users: [jane]}', 'GET', secret, null)).toBe('None');
  expect(levelOf('- {level: Metadata}', 'GET', secret, null)).toBe('Metadata');
});

it('joins what policy and rule omit', () => {
  const policy = parseAuditPolicy(
    `${head}omitStages: [RequestReceived]\nomitManagedFields: true\nrules:\n- {level: Request, omitStages: [Panic], omitManagedFields: false}`,
  );
  const decision = createAuditEvaluator(policy)(parseRequestInfo('GET', secret, new URLSearchParams()), jane)!;
  expect([...decision.omitStages].sort()).toEqual(['Panic', 'RequestReceived']);
  expect(decision.omitManagedFields).toBe(false);
});

it.each([
  ['kind: Policy', 'audit.k8s.io/v1'],
  [`${head}rules: []`, 'illegal policy with 0 rules'],
  [`${head}rules: [{level: All}]`, 'rules[0].level: Unsupported value: "All"'],
  [`${head}rules: [{level: None, omitStages: [End]}]`, 'rules[0].omitStages'],
  [`${head}rules: [{level: None, nonResourceURLs: [healthz]}]`, "must begin with a '/'"],
  [`${head}rules: [{level: None, nonResourceURLs: [/a], namespaces: [a]}]`, 'cannot apply to both'],
])('refuses %s', (text, message) => {
  expect(() => parseAuditPolicy(text)).toThrow(message);
});
