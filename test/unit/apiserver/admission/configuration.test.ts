import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAdmissionConfiguration } from '../../../../apiserver/admission/configuration';

const folder = mkdtempSync(join(tmpdir(), 'kubelab-admission-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const header = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration' };

describe('the admission configuration', () => {
  it('holds the configurations of plugins, or says where they are', () => {
    write('elsewhere.yaml', { kind: 'Elsewhere' });
    const plugins = [
      { name: 'PodSecurity', configuration: { kind: 'Here' } },
      { name: 'Other', path: 'elsewhere.yaml' },
    ];
    const read = readAdmissionConfiguration(write('good.yaml', { ...header, plugins }));
    expect([...read]).toEqual([
      ['PodSecurity', { kind: 'Here' }],
      ['Other', { kind: 'Elsewhere' }],
    ]);
    expect(readAdmissionConfiguration('').size).toBe(0);
  });

  it('names the file that is wrong', () => {
    expect(() => readAdmissionConfiguration(write('bad.yaml', { kind: 'Pod' }))).toThrow(
      'bad.yaml must be of apiVersion apiserver.config.k8s.io/v1 and kind AdmissionConfiguration',
    );
    expect(() => readAdmissionConfiguration(join(folder, 'missing.yaml'))).toThrow('cannot read');
  });
});
