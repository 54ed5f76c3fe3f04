import { Writer } from 'protobufjs/minimal';
import { resources } from '../../../../../api/resources';
import { decodeProtobuf, protobufMessageOf } from '../../../../../apiserver/endpoints/protobuf/decode-body';

type Fill = (writer: Writer) => void;

const message = (fill: Fill): Uint8Array => {
  const writer = Writer.create();
  fill(writer);
  return writer.finish();
};

/** A length-delimited field. */
const put = (writer: Writer, number: number, fill: Fill | string): Writer =>
  typeof fill === 'string'
    ? writer.uint32((number << 3) | 2).string(fill)
    : writer.uint32((number << 3) | 2).bytes(message(fill));

const envelope = (apiVersion: string, kind: string, fill: Fill): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0', 'latin1'),
    message((writer) => {
      put(writer, 1, (type) => {
        put(type, 1, apiVersion);
        put(type, 2, kind);
      });
      put(writer, 2, fill);
    }),
  ]);

const messageOf = (apiVersion: string, kind: string): string | undefined => {
  const [group = '', version] = apiVersion.split('/');
  return version === undefined ? protobufMessageOf('', group, kind) : protobufMessageOf(group, version, kind);
};

describe('decodeProtobuf', () => {
  it('reads an object with nested, inlined, repeated and map fields', () => {
    const body = envelope('v1', 'Pod', (pod) => {
      put(pod, 1, (metadata) => {
        put(metadata, 1, 'web');
        put(metadata, 2, '');
        metadata.uint32(7 << 3).int64(0);
        put(metadata, 8, () => {});
        put(metadata, 11, (entry) => {
          put(entry, 1, 'app');
          put(entry, 2, 'web');
        });
      });
      put(pod, 2, (spec) => {
        put(spec, 1, (volume) => {
          put(volume, 1, 'scratch');
          put(volume, 2, (source) => put(source, 2, (emptyDir) => put(emptyDir, 1, 'Memory')));
        });
        put(spec, 2, (container) => {
          put(container, 1, 'main');
          put(container, 3, 'sleep');
          put(container, 3, '1');
          put(container, 8, (requirements) =>
            put(requirements, 1, (limit) => {
              put(limit, 1, 'memory');
              put(limit, 2, (quantity) => put(quantity, 1, '64Mi'));
            }),
          );
        });
        spec.uint32(4 << 3).int64(0);
      });
    });
    expect(decodeProtobuf(body, messageOf)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        volumes: [{ name: 'scratch', emptyDir: { medium: 'Memory' } }],
        containers: [{ name: 'main', command: ['sleep', '1'], resources: { limits: { memory: '64Mi' } } }],
        // A pointer in Go: its zero is a value.
        terminationGracePeriodSeconds: 0,
      },
    });
  });

  it('reads the schema of a custom resource', () => {
    const property = (properties: Writer, name: string, fill: Fill): Writer =>
      put(properties, 29, (entry) => {
        put(entry, 1, name);
        put(entry, 2, fill);
      });
    const body = envelope('apiextensions.k8s.io/v1', 'CustomResourceDefinition', (crd) => {
      put(crd, 2, (spec) => {
        put(spec, 1, 'example.com');
        put(spec, 7, (version) => {
          put(version, 1, 'v1');
          version.uint32(2 << 3).bool(true);
          version.uint32(3 << 3).bool(false);
          put(version, 4, (validation) =>
            put(validation, 1, (schema) => {
              put(schema, 5, 'object');
              property(schema, 'on', (on) => {
                put(on, 5, 'boolean');
                put(on, 8, (value) => put(value, 1, 'false'));
              });
              property(schema, 'list', (list) => {
                put(list, 5, 'array');
                put(list, 24, (items) => put(items, 1, (item) => put(item, 5, 'string')));
                list.uint32((14 << 3) | 0).int64(0);
              });
              property(schema, 'map', (map) => {
                put(map, 20, (value) => put(value, 1, '{"a":1}'));
                put(map, 30, (additional) => additional.uint32(1 << 3).bool(false));
              });
              schema.uint32(38 << 3).bool(true);
              put(schema, 44, (rule) => put(rule, 1, 'self.on'));
            }),
          );
        });
      });
    });
    expect(decodeProtobuf(body, messageOf)).toMatchObject({
      spec: {
        versions: [
          {
            name: 'v1',
            served: true,
            storage: false,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  on: { type: 'boolean', default: false },
                  list: { type: 'array', items: { type: 'string' }, minLength: 0 },
                  map: { enum: [{ a: 1 }], additionalProperties: false },
                },
                'x-kubernetes-preserve-unknown-fields': true,
                'x-kubernetes-validations': [{ rule: 'self.on' }],
              },
            },
          },
        ],
      },
    });
  });

  it('knows every kind that is served', () => {
    const unknown = resources
      .filter(({ group, version, kind }) => protobufMessageOf(group, version, kind) === undefined)
      .map(({ kind }) => kind);
    expect(unknown).toEqual([]);
  });

  it('keeps zero replicas, and reads ports by number or name', () => {
    const deployment = envelope('apps/v1', 'Deployment', (object) =>
      put(object, 2, (spec) => {
        spec.uint32(1 << 3).int32(0);
      }),
    );
    expect(decodeProtobuf(deployment, messageOf).spec).toEqual({ replicas: 0 });
    const service = envelope('v1', 'Service', (object) =>
      put(object, 2, (spec) =>
        put(spec, 1, (port) => {
          port.uint32(3 << 3).int32(80);
          put(port, 4, (target) => {
            target.uint32(1 << 3).int32(1);
            put(target, 3, 'http');
          });
        }),
      ),
    );
    expect(decodeProtobuf(service, messageOf).spec).toEqual({ ports: [{ port: 80, targetPort: 'http' }] });
  });

  it('knows DeleteOptions of every group', () => {
    const body = envelope('apps/v1', 'DeleteOptions', (options) => {
      options.uint32(1 << 3).int64(0);
    });
    expect(decodeProtobuf(body, messageOf)).toMatchObject({ gracePeriodSeconds: 0 });
  });

  it.each([
    ['no magic number', Buffer.from('{}'), 'does not appear to be a protobuf message'],
    ['a cut body', envelope('v1', 'Pod', (pod) => put(pod, 1, 'x'.repeat(100))).subarray(0, 40), 'unexpected EOF'],
    ['an unknown kind', envelope('v1', 'Pood', () => {}), 'no kind "Pood" is registered for version "v1"'],
  ])('refuses %s', (_what, body, text) => {
    expect(() => decodeProtobuf(body, messageOf)).toThrow(text);
  });
});
