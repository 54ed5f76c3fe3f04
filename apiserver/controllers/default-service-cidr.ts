/** The ServiceCIDR `kubernetes`: the range that this server was started with. Upstream: `controlplane/controller/defaultservicecidr`. */
import { defaultServiceCidrName as name, type ServiceCidr, serviceCidrs } from '../../api/networking/v1/servicecidr';
import { isConditionTrue, setCondition } from '../../api/meta/conditions';
import { formatTime } from '../../component-base/clock';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { ensure } from './ensure';

const everyMs = 10_000;

/** `cidr`: the configured service range. An object that is there with another one stays: the administrator has to decide. */
export const defaultServiceCidr = (loopback: Loopback, cidr: string): ApiServerController => ({
  name: 'start-kubernetes-service-cidr-controller',
  everyMs,
  async start() {
    const serviceCidr = await ensure(loopback, serviceCidrs, { metadata: { name }, spec: { cidrs: [cidr] } });
    const isOurs = serviceCidr.spec?.cidrs?.includes(cidr);
    if (!isOurs || isConditionTrue(serviceCidr.status?.conditions, 'Ready')) return;
    await loopback.stores.of(serviceCidrs).update(
      loopback.context,
      '',
      name,
      (current) => {
        const next: ServiceCidr = { ...current!, status: { conditions: [...(current?.status?.conditions ?? [])] } };
        const ready = {
          type: 'Ready',
          status: 'True',
          reason: '',
          message: 'Kubernetes default Service CIDR is ready',
          lastTransitionTime: formatTime(loopback.clock.now()),
        };
        setCondition(next.status!.conditions!, ready, ready.lastTransitionTime);
        return next;
      },
      { subresource: 'status' },
    );
  },
});
