/** AdmissionReview: the question put to a webhook, and what may be in its answer. */
import { admissionRequest } from '../dynamic/admission-request';
import type { RequestVersion, ServedRequest } from '../dynamic/served-request';

const group = 'admission.k8s.io';
const knownVersions = ['v1', 'v1beta1'] as const;
type ReviewVersion = (typeof knownVersions)[number];

export interface AdmissionReview {
  apiVersion: string;
  kind: 'AdmissionReview';
  request: { uid: string } & Record<string, unknown>;
}

/** The verified part of an answer. */
export interface AdmissionAnswer {
  allowed: boolean;
  /** Of a denial. */
  result?: { code?: number; status?: string; message?: string; reason?: string; details?: unknown };
  /** The decoded operations of a patch. */
  patch?: unknown;
  auditAnnotations: Record<string, string>;
  warnings: string[];
}

/** The first version that the webhook takes and this server knows. */
export const reviewVersionOf = (accepted: readonly string[]): ReviewVersion | undefined =>
  accepted.find((version): version is ReviewVersion => (knownVersions as readonly string[]).includes(version));

export async function createReview(
  version: ReviewVersion,
  uid: string,
  request: ServedRequest,
  matched: RequestVersion,
): Promise<AdmissionReview> {
  const { object, oldObject } = await request.objectsAs(matched);
  return {
    apiVersion: `${group}/${version}`,
    kind: 'AdmissionReview',
    request: { uid, ...admissionRequest(request, matched), object, oldObject },
  };
}

/** Pure: upstream's VerifyAdmissionResponse. Throws Error with its message. */
export function verifyAnswer(version: ReviewVersion, uid: string, mutating: boolean, body: any): AdmissionAnswer {
  const response: any = body?.response;
  if (version === 'v1') {
    const found = `${body?.apiVersion || ''}, Kind=${body?.kind || ''}`;
    const wanted = `${group}/${version}, Kind=AdmissionReview`;
    if (found !== wanted) throw new Error(`expected webhook response of ${wanted}, got ${found}`);
  }
  if (typeof response !== 'object' || response === null) throw new Error('webhook response was absent');
  if (version === 'v1' && response.uid !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  }
  return {
    allowed: response.allowed === true,
    ...(isObject(response.status) && { result: response.status }),
    ...(mutating && patchOf(version, response)),
    auditAnnotations: textMembers(response.auditAnnotations),
    warnings: Array.isArray(response.warnings) ? response.warnings.filter((w: unknown) => typeof w === 'string') : [],
  };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const textMembers = (value: unknown): Record<string, string> =>
  isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)])) : {};

function patchOf(version: ReviewVersion, response: { patch?: unknown; patchType?: unknown }): { patch?: unknown } {
  const hasPatch = typeof response.patch === 'string' && response.patch !== '';
  const type = response.patchType;
  if (version === 'v1' || type !== undefined) {
    if (hasPatch && !type) throw new Error('webhook returned response.patch but not response.patchType');
    if (!hasPatch && type) throw new Error('webhook returned response.patchType but not response.patch');
    if (type && type !== 'JSONPatch') {
      throw new Error(`webhook returned invalid response.patchType of ${JSON.stringify(type)}`);
    }
  }
  if (!hasPatch) return {};
  try {
    return { patch: JSON.parse(Buffer.from(response.patch as string, 'base64').toString()) };
  } catch (cause) {
    throw new UndecodablePatch((cause as Error).message);
  }
}

/** The answer carries a patch that is no JSON. */
export class UndecodablePatch extends Error {}
