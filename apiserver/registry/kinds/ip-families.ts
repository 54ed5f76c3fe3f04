/** Fills a Service's IP families for a cluster of one family. Upstream: `initIPFamilyFields` in `storage/alloc.go`. */
import type { Service } from '../../../api/core/v1/service';
import { isHeadless, needsClusterIp } from '../../../api/core/v1/service/facts';
import { type FieldError, FieldPath, invalid } from '../../../api/meta/field-error';
import { newInvalid } from '../../../api/meta/status-error';

const own = 'IPv4';
const other = 'IPv6';

/** Edits the service. Throws Invalid when it requires what a single-stack cluster has not. */
export function setIpFamilies(service: Service): void {
  const { spec } = service;
  if (!spec) return;
  if (!needsClusterIp(service)) {
    delete spec.ipFamilies;
    delete spec.ipFamilyPolicy;
    return;
  }
  const path = FieldPath.of('spec');
  if (isHeadless(spec) && !Object.keys(spec.selector ?? {}).length) {
    // Its endpoints are made by someone else, of whatever family.
    spec.ipFamilyPolicy ??= 'RequireDualStack';
    if (!spec.ipFamilies?.length) spec.ipFamilies = [own];
    if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1) {
      spec.ipFamilies = [spec.ipFamilies[0]!, spec.ipFamilies[0] === own ? other : own];
    }
    return;
  }
  const errors: FieldError[] = [];
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    errors.push(
      invalid(
        path.child('ipFamilyPolicy'),
        spec.ipFamilyPolicy,
        'this cluster is not configured for dual-stack services',
      ),
    );
  }
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (family !== own)
      errors.push(invalid(path.child('ipFamilies').index(index), family, 'not configured on this cluster'));
  }
  if (errors.length) throw newInvalid({ group: '', kind: 'Service' }, service.metadata?.name ?? '', errors);
  spec.ipFamilyPolicy ??= 'SingleStack';
  if (!spec.ipFamilies?.length) spec.ipFamilies = [own];
}
