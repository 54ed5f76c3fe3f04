/** PATCH with a configuration: server-side apply. Upstream: `applyPatcher` in `handlers/patch.go`. */
import { newBadRequest, StatusError } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import { type ApiRequest, namespaceOf } from './api-request';
import { authorizeCreate } from './authorize-create';
import { readBody } from './body';
import { parseBody } from './parse-body';
import { checkSchema } from './decode';
import type { EndpointDeps } from './dispatch';
import { findRepetitions } from './duplicate-fields';
import { sendEntry } from './get';
import { mediaTypeOf } from './negotiate';
import { parseApplyOptions } from './options';
import { applyPatchType } from './patch-body';
import { acceptPatched } from './patched';

export const isApply = ({ request }: ApiRequest): boolean =>
  mediaTypeOf(request.headers['content-type']) === applyPatchType;

export interface Configuration {
  config: KubeObject;
  force: boolean;
}

/** Throws BadRequest, or Invalid for its options. */
export async function readConfiguration({ request, query, context }: ApiRequest): Promise<Configuration> {
  const { fieldValidation, force } = parseApplyOptions(query);
  const body = await readBody(request);
  let config: unknown;
  try {
    config = parseBody(body, 'yaml');
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw newBadRequest(`error decoding YAML: ${(error as Error).message}`);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    const found = Array.isArray(config) ? 'array' : typeof config;
    throw newBadRequest(
      `error decoding YAML: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`,
    );
  }
  if (fieldValidation !== 'Ignore') {
    const { errors, warnings } = findRepetitions(body, 'yaml', config);
    if (fieldValidation === 'Strict' && errors.length > 0) {
      throw newBadRequest(`error strict decoding YAML: error converting YAML to JSON: ${errors[0]}`);
    }
    for (const warning of warnings) context.warn(warning);
  }
  return { config, force };
}

export async function applyConfiguration(api: ApiRequest, deps: EndpointDeps): Promise<void> {
  const { context, store, resource } = api;
  const { config, force } = await readConfiguration(api);
  const { entry, created } = await store.apply(context, namespaceOf(api), context.info.name, {
    config,
    force,
    subresource: context.info.subresource,
    authorizeCreate: authorizeCreate(api, deps),
    accept(object) {
      acceptPatched(api, object, () =>
        // Unknown fields were refused before; what remains is what other clients stored.
        checkSchema(object, { expected: resource, fieldValidation: 'Ignore', warn: () => undefined }),
      );
      return resource.toStored(object);
    },
  });
  await sendEntry(api, created ? 201 : 200, entry);
}
