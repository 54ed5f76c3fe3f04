/**
 * Warnings about pods and pod templates: what is accepted, and most likely not what was meant. Upstream:
 * `pkg/api/pod/warnings.go`.
 */
import { FieldPath } from '../../../meta/field-error';
import { deepEqual } from '../../../meta/json';
import { nodeLabelMessage, nodeTermWarnings } from '../node-label-warnings';
import { claimSpecWarnings } from '../storage-warnings';
import { nameWarnings } from './name-warnings';
import { containerWarnings, fractionWarnings, portWarnings } from './container-warnings';
import type { Pod, PodSpec, PodTemplateSpec } from './types';

const noPods = 'a null labelSelector results in matching no pod';

const annotationMessages: Record<string, string> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

const volumeMessages = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
} as const;

function nodeWarnings(spec: PodSpec, path: FieldPath): string[] {
  if (!spec.nodeSelector && !spec.affinity?.nodeAffinity) return [];
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution } =
    spec.affinity?.nodeAffinity ?? {};
  const affinity = path.child('affinity', 'nodeAffinity');
  const terms = affinity.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  const preferences = affinity.child('preferredDuringSchedulingIgnoredDuringExecution');
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap((key) => {
      const message = nodeLabelMessage(key);
      return message ? [`${path.child('nodeSelector').key(key)}: ${message}`] : [];
    }),
    ...(required?.nodeSelectorTerms ?? []).flatMap((term, index) => nodeTermWarnings(term, terms.index(index))),
    ...(preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ preference }, index) =>
      nodeTermWarnings(preference, preferences.index(index).child('preference')),
    ),
  ];
}

const spreadWarnings = (spec: PodSpec, path: FieldPath): string[] =>
  (spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, index) => {
    const where = path.child('topologySpreadConstraints').index(index);
    const message = nodeLabelMessage(topologyKey);
    return [
      ...(message ? [`${where.child('topologyKey')}: ${topologyKey} is ${message}`] : []),
      ...(labelSelector ? [] : [`${where.child('labelSelector')}: ${noPods}`]),
    ];
  });

/** Upstream's warnings name one source otherwise than the API does. */
const warnedName = (source: string): string => (source === 'storageos' ? 'storageOS' : source);

function volumeWarnings(spec: PodSpec, path: FieldPath): string[] {
  return (spec.volumes ?? []).flatMap((volume, index) => {
    const where = path.child('volumes').index(index);
    const given = Object.entries(volumeMessages).filter(([source]) => volume[source as keyof typeof volumeMessages]);
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    return [
      ...given.map(([source, message]) => `${where.child(warnedName(source))}: ${message}`),
      ...(claim ? claimSpecWarnings(claim, where.child('ephemeral', 'volumeClaimTemplate', 'spec')) : []),
    ];
  });
}

/** Tokens and other files that a projected volume would put at the same path. */
function tokenPathWarnings(spec: PodSpec, path: FieldPath): string[] {
  const sources = (spec.volumes ?? []).map(({ projected }) => projected?.sources ?? []);
  const tokens = new Set(sources.flat().flatMap(({ serviceAccountToken: token }) => (token ? [token.path] : [])));
  if (tokens.size === 0) return [];
  return sources.flatMap((list, index) => {
    const where = path.child('volumes').index(index).child('projected', 'sources');
    const warn = (at: FieldPath, file: string | undefined): string[] =>
      file !== undefined && tokens.has(file)
        ? [`${at}: has duplicated path with ServiceAccountToken ${JSON.stringify(file)}`]
        : [];
    const items = (name: string, files: { path: string }[] | undefined): string[] =>
      (files ?? []).flatMap((file, position) => warn(where.child(name).index(position), file.path));
    return list.flatMap(({ configMap, secret, downwardAPI, clusterTrustBundle: bundle }) => [
      ...items('configMap', configMap?.items),
      ...items('secrets', secret?.items),
      ...items('downwardAPI', downwardAPI?.items),
      ...(bundle ? warn(where.child('ClusterTrustBundle'), bundle.path) : []),
    ]);
  });
}

/** The second and later entries of a list that merges by this key. */
function repeated(values: readonly string[], warn: (index: number, value: string) => string): string[] {
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [warn(index, value)] : []));
}

function listWarnings(spec: PodSpec, path: FieldPath): string[] {
  if (!spec.hostAliases && !spec.imagePullSecrets) return [];
  const aliases = path.child('hostAliases');
  const secrets = path.child('imagePullSecrets');
  const ips = (spec.hostAliases ?? []).map(({ ip }) => ip);
  const names = (spec.imagePullSecrets ?? []).map(({ name }) => name ?? '');
  return [
    ...repeated(ips, (index, ip) => `${aliases.index(index).child('ip')}: duplicate ip ${JSON.stringify(ip)}`),
    ...repeated(
      names,
      (index, name) => `${secrets.index(index).child('name')}: duplicate name ${JSON.stringify(name)}`,
    ),
    ...names.flatMap((name, index) => (name ? [] : [`${secrets.index(index).child('name')}: invalid empty name ""`])),
  ];
}

function podAffinityWarnings(spec: PodSpec, path: FieldPath): string[] {
  if (!spec.affinity) return [];
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) => {
    const affinity = spec.affinity?.[kind];
    const required = path.child('affinity', kind, 'requiredDuringSchedulingIgnoredDuringExecution');
    const preferred = path.child('affinity', kind, 'preferredDuringSchedulingIgnoredDuringExecution');
    return [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ labelSelector }, index) =>
        labelSelector ? [] : [`${required.index(index).child('labelSelector')}: ${noPods}`],
      ),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ podAffinityTerm }, index) =>
        podAffinityTerm?.labelSelector
          ? []
          : [`${preferred.index(index).child('podAffinityTerm', 'labelSelector')}: ${noPods}`],
      ),
    ];
  });
}

/** `isTemplate`: the AppArmor annotations of pods become fields, those of templates stay. */
function warningsOf(
  spec: PodSpec,
  annotations: Record<string, string>,
  base: FieldPath,
  isTemplate: boolean,
): string[] {
  const path = base.child('spec');
  const annotationsPath = base.child('metadata', 'annotations');
  const known = Object.entries(annotationMessages).filter(([key]) => annotations[key] !== undefined);
  const grace = spec.terminationGracePeriodSeconds ?? 0;
  return [
    ...nodeWarnings(spec, path),
    ...spreadWarnings(spec, path),
    ...known.map(([key, message]) => `${annotationsPath.key(key)}: ${message}`),
    ...volumeWarnings(spec, path),
    ...tokenPathWarnings(spec, path),
    ...listWarnings(spec, path),
    ...fractionWarnings(spec.overhead, path, 'overhead'),
    ...containerWarnings(spec, annotations, { path, annotationsPath, isTemplate }),
    ...portWarnings(spec, path),
    ...(grace < 0
      ? [
          `${path.child('terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
    ...podAffinityWarnings(spec, path),
  ];
}

/** On create, and on updates that change the spec. */
export function podWarnings(pod: Pod, old?: Pod): string[] {
  if (!pod.spec || (old && deepEqual(pod.spec, old.spec))) return [];
  const name = old ? [] : nameWarnings(pod, "this is used in the Pod's hostname");
  return [...name, ...warningsOf(pod.spec, pod.metadata?.annotations ?? {}, FieldPath.of(), false)];
}

/** `path` is that of the template. Nothing is said of a template that did not change. */
export function podTemplateWarnings(
  template: PodTemplateSpec | undefined,
  old: PodTemplateSpec | undefined,
  path: FieldPath,
): string[] {
  if (!template?.spec || (old && deepEqual(template, old))) return [];
  return warningsOf(template.spec, template.metadata?.annotations ?? {}, path, true);
}
