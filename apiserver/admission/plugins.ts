/** The admission plugins in upstream's order (`pkg/kubeapiserver/options/plugins.go`), and the chain of the enabled ones. */
import type { Authorizer } from '../authorization/authorizer';
import type { Loopback } from '../registry/loopback';
import type { Admission, AdmissionAttributes, AdmissionPlugin } from './admission';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates';
import { defaultTolerationSeconds } from './default-toleration-seconds';
import { namespaceLifecycle } from './namespace-lifecycle';
import { nodeRestriction } from './node-restriction';
import { priority } from './priority';
import { serviceAccount } from './service-account';
import { taintNodesByCondition } from './taint-nodes-by-condition';

export interface AdmissionDeps {
  loopback: Loopback;
  authorizer: Authorizer;
  /** Names from --enable-admission-plugins and --disable-admission-plugins. */
  enable?: readonly string[];
  disable?: readonly string[];
}

/** Upstream has NodeRestriction off by default and kubeadm turns it on; here it is always on unless disabled. */
export const orderedPlugins = ({ loopback, authorizer }: AdmissionDeps): AdmissionPlugin[] => [
  namespaceLifecycle(loopback),
  serviceAccount(loopback),
  nodeRestriction(loopback),
  taintNodesByCondition(),
  priority(loopback),
  defaultTolerationSeconds(),
  certificateApproval(authorizer),
  certificateSigning(authorizer),
  certificateSubjectRestriction(),
];

/** Throws when a name is not that of a plugin. */
export function createAdmission(deps: AdmissionDeps): Admission {
  const all = orderedPlugins(deps);
  const known = new Set(all.map((plugin) => plugin.name));
  for (const name of [...(deps.enable ?? []), ...(deps.disable ?? [])]) {
    if (!known.has(name)) throw new Error(`unknown admission plugin ${JSON.stringify(name)}`);
  }
  const enabled = all.filter((plugin) => !deps.disable?.includes(plugin.name));
  const run = async (phase: 'admit' | 'validate', attributes: AdmissionAttributes): Promise<void> => {
    for (const plugin of enabled) {
      if (plugin.operations.includes(attributes.operation)) await plugin[phase]?.(attributes);
    }
  };
  return {
    admit: (attributes) => run('admit', attributes),
    validate: (attributes) => run('validate', attributes),
  };
}
