/** The shapes of a CustomResourceDefinition. */
import type {
  ApiextensionsV1ServiceReference,
  ApiextensionsV1WebhookClientConfig,
  V1CustomResourceColumnDefinition,
  V1CustomResourceConversion,
  V1CustomResourceDefinition,
  V1CustomResourceDefinitionCondition,
  V1CustomResourceDefinitionNames,
  V1CustomResourceDefinitionSpec,
  V1CustomResourceDefinitionStatus,
  V1CustomResourceDefinitionVersion,
  V1CustomResourceSubresources,
  V1JSONSchemaProps,
  V1SelectableField,
  V1ValidationRule,
  V1WebhookConversion,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../../meta/types';

export interface CustomResourceDefinition extends Wire<V1CustomResourceDefinition> {}
export interface CustomResourceDefinitionSpec extends Wire<V1CustomResourceDefinitionSpec> {}
export interface CustomResourceDefinitionStatus extends Wire<V1CustomResourceDefinitionStatus> {}
export interface CustomResourceDefinitionCondition extends Wire<V1CustomResourceDefinitionCondition> {}
export interface CustomResourceDefinitionNames extends Wire<V1CustomResourceDefinitionNames> {}
export interface CustomResourceDefinitionVersion extends Wire<V1CustomResourceDefinitionVersion> {}
export interface CustomResourceSubresources extends Wire<V1CustomResourceSubresources> {}
export interface CustomResourceColumnDefinition extends Wire<V1CustomResourceColumnDefinition> {}
export interface CustomResourceConversion extends Wire<V1CustomResourceConversion> {}
export interface WebhookConversion extends Wire<V1WebhookConversion> {}
export interface WebhookClientConfig extends Wire<ApiextensionsV1WebhookClientConfig> {}
export interface ServiceReference extends Wire<ApiextensionsV1ServiceReference> {}
export interface SelectableField extends Wire<V1SelectableField> {}
export interface ValidationRule extends Wire<V1ValidationRule> {}

type Fields = Omit<Wire<V1JSONSchemaProps>, keyof Nested | 'ref' | 'schema'>;
interface Nested {
  $ref?: string;
  $schema?: string;
  additionalItems?: JsonSchemaProps | boolean;
  additionalProperties?: JsonSchemaProps | boolean;
  allOf?: JsonSchemaProps[];
  anyOf?: JsonSchemaProps[];
  oneOf?: JsonSchemaProps[];
  not?: JsonSchemaProps;
  items?: JsonSchemaProps | JsonSchemaProps[];
  properties?: Record<string, JsonSchemaProps>;
  patternProperties?: Record<string, JsonSchemaProps>;
  definitions?: Record<string, JsonSchemaProps>;
  dependencies?: Record<string, JsonSchemaProps | string[]>;
  default?: unknown;
  example?: unknown;
  enum?: unknown[];
}

/** An OpenAPI v3 schema as a CustomResourceDefinition may hold it. */
export interface JsonSchemaProps extends Fields, Nested {}
