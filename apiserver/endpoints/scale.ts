/**
 * The scale subresource of any kind that declares one: an autoscaling/v1 Scale made from the object, and written back into
 * it. Upstream: `pkg/registry/apps/deployment/storage` (ScaleREST).
 */
import { invalid } from '../../api/meta/field-error';
import { cloneJson } from '../../api/meta/json';
import type { ScaleSubresource } from '../../api/meta/resource-definition';
import {
  newBadRequest,
  newConflict,
  newInternalError,
  newInvalid,
  newModifiedConflict,
} from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import { formatKind } from '../patch/apply/field-manager';
import { type ApiRequest, namespaceOf } from './api-request';
import { readBody } from './body';
import { matchNamespace } from './create';
import { checkSchema, decodeObject, type ExpectedKind } from './decode';
import type { EndpointDeps } from './dispatch';
import { sendShaped } from './get';
import { bodyFormatOf, negotiateOutput } from './negotiate';
import { parseWriteOptions } from './options';
import { getPath, type Scale, scaleColumns, scaleOf, setPath } from './scale-object';
import { isApply, readConfiguration } from './apply';
import { readPatch } from './patch-body';
import { checkName } from './update';

const scaleKind: ExpectedKind = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  schema: 'io.k8s.api.autoscaling.v1.Scale',
};

export async function getScale(api: ApiRequest, paths: ScaleSubresource): Promise<void> {
  const entry = await api.store.get(api.context, namespaceOf(api), api.context.info.name);
  if (api.resource.definition.custom && getPath(entry.object, paths.specReplicas) === undefined) {
    throw newInternalError(new Error(`the spec replicas field ${JSON.stringify(paths.specReplicas)} does not exist`));
  }
  await sendScale(api, scaleOf(entry.object, paths));
}

export async function updateScale(api: ApiRequest, paths: ScaleSubresource, deps: EndpointDeps): Promise<void> {
  const { request, query, context } = api;
  const format = bodyFormatOf(request.headers['content-type']);
  const { fieldValidation } = parseWriteOptions(query, 'UpdateOptions');
  const warn = (message: string): void => context.warn(message);
  const body = await readBody(request);
  const scale: Scale = decodeObject(body, { expected: scaleKind, format, fieldValidation, table: deps.table, warn });
  await writeScale(api, paths, () => scale);
}

export async function patchScale(api: ApiRequest, paths: ScaleSubresource): Promise<void> {
  if (isApply(api)) return applyScale(api, paths);
  const patch = await readPatch(api);
  const warn = (message: string): void => api.context.warn(message);
  await writeScale(api, paths, (current) => {
    const patched: Scale = patch.apply(current, scaleKind.schema!);
    patch.check(patched, scaleKind, warn);
    return patched;
  });
}

/** A configuration of a Scale is one of the object's replicas. */
async function applyScale(api: ApiRequest, paths: ScaleSubresource): Promise<void> {
  const { context, store, resource } = api;
  const { config, force } = await readConfiguration(api);
  const { name } = context.info;
  if (config.apiVersion !== 'autoscaling/v1' || config.kind !== 'Scale') {
    throw newBadRequest(`invalid object type: ${formatKind(config)}`);
  }
  checkSchema(config, { expected: scaleKind, fieldValidation: 'Strict', warn: () => undefined });
  const scale: Scale = config;
  checkName(api, { ...scale, metadata: { name, ...scale.metadata } });
  const { uid, resourceVersion } = scale.metadata ?? {};
  const { apiVersion, kind } = resource;
  const metadata = { name, ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
  const object: KubeObject = { apiVersion, kind, metadata };
  if (scale.spec?.replicas !== undefined) setPath(object, paths.specReplicas, checkReplicas(scale, name));
  const { entry } = await store.apply(context, namespaceOf(api), name, {
    config: object,
    force,
    recordAs: 'scale',
    accept: (scaled) => resource.toStored(scaled),
  });
  await sendScale(api, scaleOf(entry.object, paths));
}

/** The wanted replicas. Throws Invalid if they are negative. */
function checkReplicas(scale: Scale, name: string): number {
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas >= 0) return replicas;
  const error = invalid('spec.replicas', replicas, 'must be greater than or equal to 0');
  throw newInvalid({ group: 'autoscaling', kind: 'Scale' }, name, [error]);
}

async function writeScale(api: ApiRequest, paths: ScaleSubresource, desire: (current: Scale) => Scale): Promise<void> {
  const { context, store, resource } = api;
  const { name } = context.info;
  const transform = (current: Stored<KubeObject> | undefined): KubeObject | undefined => {
    // The store answers NotFound when nothing is there and nothing is given.
    if (!current) return undefined;
    const scale = desire(scaleOf(current, paths));
    checkName(api, scale);
    matchNamespace(api, scale);
    const { uid, resourceVersion } = scale.metadata ?? {};
    if (uid && uid !== current.metadata.uid) {
      const reason = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`;
      throw newConflict(resource.groupResource, name, reason);
    }
    if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) {
      throw newModifiedConflict(resource.groupResource, name);
    }
    const next = cloneJson(current) as KubeObject;
    setPath(next, paths.specReplicas, checkReplicas(scale, name));
    return next;
  };
  const { entry } = await store.update(context, namespaceOf(api), name, transform, { recordAs: 'scale' });
  await sendScale(api, scaleOf(entry.object, paths));
}

const sendScale = (api: ApiRequest, scale: Scale): Promise<void> =>
  sendShaped(api, 200, scale, scaleColumns, negotiateOutput(api.request.headers.accept, 'object'));
