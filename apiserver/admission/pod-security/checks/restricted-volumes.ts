import { type Check, plural, quoted, sorted } from '../check';

const allowed: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** The types that upstream's message names; a volume of another kind is `unknown` to it. */
const named: ReadonlySet<string> = new Set([
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
]);

/** Storage of other kinds is for administrators to offer as persistent volumes. */
export const restrictedVolumes: Check = {
  id: 'restrictedVolumes',
  level: 'restricted',
  versions: [
    {
      since: 0,
      overrides: ['hostPathVolumes'],
      check({ spec }) {
        const bad = (spec.volumes ?? []).filter((volume) => !Object.keys(volume).some((field) => allowed.has(field)));
        if (!bad.length) return undefined;
        const types = sorted(bad.map((volume) => Object.keys(volume).find((field) => named.has(field)) ?? 'unknown'));
        const names = quoted(bad.map(({ name }) => name));
        const uses = plural('uses', 'use', bad.length);
        const noun = plural('restricted volume type', 'restricted volume types', types.length);
        return {
          reason: 'restricted volume types',
          detail: `${plural('volume', 'volumes', bad.length)} ${names} ${uses} ${noun} ${quoted(types)}`,
        };
      },
    },
  ],
};
