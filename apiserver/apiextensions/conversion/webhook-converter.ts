/** Conversion by a webhook: objects of a batch that need it are sent together. Upstream: `conversion/webhook_converter.go`. */
import { randomUUID } from 'node:crypto';
import { newInternalError, type StatusError } from '../../../api/meta/status-error';
import type { KubeObject } from '../../../api/meta/types';
import { WebhookCallError, type WebhookClient, type WebhookClientConfig } from '../../webhook-client';
import { ConversionReviewError, conversionReview, readConversionReview } from './conversion-review';
import type { VersionConverter } from './converter';

/** Upstream's default for its REST clients; storage cannot wait longer than a request may take. */
const timeoutMs = 30_000;
/** How many objects are converted by one call. */
const batchSize = 500;

export interface ConversionWebhook {
  clientConfig: WebhookClientConfig;
  conversionReviewVersions: readonly string[];
}

export function createWebhookConverter(client: WebhookClient, webhook: ConversionWebhook): VersionConverter {
  const convertBatch = async (objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]> => {
    try {
      const review = conversionReview(webhook.conversionReviewVersions, randomUUID(), apiVersion, objects);
      return readConversionReview(await client.call(webhook.clientConfig, review, { timeoutMs }), review);
    } catch (error) {
      throw conversionFailure(error, objects[0]!);
    }
  };

  return {
    async convert(objects, apiVersion) {
      const others = objects.filter((object) => object.apiVersion !== apiVersion);
      const converted: KubeObject[] = [];
      for (let start = 0; start < others.length; start += batchSize) {
        converted.push(...(await convertBatch(others.slice(start, start + batchSize), apiVersion)));
      }
      const next = converted.values();
      return objects.map((object) => (object.apiVersion === apiVersion ? object : next.next().value!));
    },
  };
}

function conversionFailure(error: unknown, { apiVersion, kind }: KubeObject): unknown {
  if (!(error instanceof WebhookCallError) && !(error instanceof ConversionReviewError)) return error;
  const failed = error instanceof WebhookCallError ? `failed: ${error.message}` : error.message;
  const failure: StatusError = newInternalError(
    new Error(`conversion webhook for ${apiVersion}, Kind=${kind} ${failed}`),
  );
  failure.cause = error;
  return failure;
}
