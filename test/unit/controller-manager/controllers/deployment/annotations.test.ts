import {
  newReplicaSetAnnotations,
  nextRevision,
} from '../../../../../controller-manager/controllers/deployment/annotations';
import { deployment, replicaSet } from '../../../../support/controller-objects';

const revision = 'deployment.kubernetes.io/revision';
const history = 'deployment.kubernetes.io/revision-history';

describe('newReplicaSetAnnotations', () => {
  it('copies what people wrote, the revision and the sizes to a new one', () => {
    const owner = deployment({
      replicas: 4,
      annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}', [revision]: '1' },
    });
    expect(newReplicaSetAnnotations(owner, undefined, 2n)).toEqual({
      note: 'x',
      [revision]: '2',
      'deployment.kubernetes.io/desired-replicas': '4',
      'deployment.kubernetes.io/max-replicas': '5',
    });
  });
  it('records the old revision when it rolls back to an earlier one', () => {
    const existing = replicaSet({ annotations: { [revision]: '1' } });
    expect(newReplicaSetAnnotations(deployment(), existing, 3n)).toMatchObject({ [revision]: '3', [history]: '1' });
    const again = replicaSet({ annotations: { [revision]: '3', [history]: '1' } });
    expect(newReplicaSetAnnotations(deployment(), again, 5n)).toMatchObject({ [revision]: '5', [history]: '1,3' });
  });
  it('keeps the revision of the current one', () => {
    const existing = replicaSet({ annotations: { [revision]: '3' } });
    expect(newReplicaSetAnnotations(deployment(), existing, 3n)).toEqual({ [revision]: '3' });
  });
  it('drops the oldest history when it grows too long', () => {
    const long = Array.from({ length: 700 }, (_, i) => i)
      .join(',')
      .slice(0, 1999);
    const existing = replicaSet({ annotations: { [revision]: '1234', [history]: long } });
    const text = newReplicaSetAnnotations(deployment(), existing, 2000n)[history] ?? '';
    expect(text.length).toBeLessThanOrEqual(2000);
    expect(text.endsWith(',1234')).toBe(true);
  });
});

describe('nextRevision', () => {
  const withRevision = (text: string) => replicaSet({ annotations: { [revision]: text } });

  it.each([
    ['none', [], 1n],
    ['the highest', ['2', '10', '9'], 11n],
    ['what is no number', ['x', '3'], 4n],
    ['all 64 bits', ['3546343826724305832'], 3546343826724305833n],
  ])('counts on from %s', (_, texts, expected) => {
    expect(nextRevision(texts.map(withRevision))).toBe(expected);
  });
});
