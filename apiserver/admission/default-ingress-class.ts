/** Ingresses that name no class get the default one. Upstream: `admission/network/defaultingressclass`. */
import { defaultIngressClassAnnotation, ingressClasses } from '../../api/networking/v1/ingressclass';
import type { KubeObject } from '../../api/meta/types';
import type { Loopback } from '../registry/loopback';
import type { AdmissionPlugin } from './admission';
import { newestOf } from './newest';
import { only } from './refusal';

/** What chose the class before `spec.ingressClassName`. */
const oldAnnotation = 'kubernetes.io/ingress.class';

export function defaultIngressClass(loopback: Loopback): AdmissionPlugin {
  const view = loopback.view(ingressClasses);
  return {
    name: 'DefaultIngressClass',
    operations: ['CREATE'],
    concerns: only('networking.k8s.io', 'ingresses'),
    admit({ object }) {
      const ingress = object as KubeObject & { spec?: { ingressClassName?: string } };
      if (ingress.spec?.ingressClassName !== undefined) return;
      if (ingress.metadata?.annotations?.[oldAnnotation] !== undefined) return;
      const marked = view
        .list()
        .filter(({ metadata }) => metadata.annotations?.[defaultIngressClassAnnotation] === 'true');
      const name = newestOf(marked)?.metadata.name;
      if (name) (ingress.spec ??= {}).ingressClassName = name;
    },
  };
}
