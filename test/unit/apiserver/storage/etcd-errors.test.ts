import { EtcdRequestError, type EtcdFailure, etcdStatusError } from '../../../../apiserver/storage/etcd-errors';

const statusOf = (failure: EtcdFailure, message: string) =>
  etcdStatusError(new EtcdRequestError(failure, message)).status;

it.each<[EtcdFailure, string]>([
  ['refused', 'etcdserver: request is too large'],
  ['refused', 'etcdserver: mvcc: database space exceeded'],
  ['lease', 'etcdserver: requested lease not found'],
])('leaves to etcd the words for what is %s: %s', (failure, message) => {
  expect(statusOf(failure, message)).toEqual({
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
    ...{ message, code: 500 },
  });
});

it.each<[EtcdFailure, string, number, string]>([
  ['refused', 'etcdserver: too many requests', 429, 'TooManyRequests'],
  ['unsent', 'No connection established', 503, 'ServiceUnavailable'],
  ['ambiguous', 'deadline exceeded', 504, 'Timeout'],
])('tells what to do after what is %s: %s', (failure, message, code, reason) => {
  expect(statusOf(failure, message)).toMatchObject({ code, reason });
});
