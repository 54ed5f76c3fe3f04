/** The API server's flags, with upstream's names and defaults. */
import { defineFlags, type FlagValues } from '../component-base/flags';

export const apiServerFlags = defineFlags({
  'admission-control-config-file': {
    type: 'string',
    help: 'File with admission control configuration',
  },
  'advertise-address': {
    type: 'string',
    help: 'The IP address on which to advertise the apiserver to members of the cluster. If blank, the --bind-address will be used',
  },
  'anonymous-auth': {
    type: 'bool',
    default: true,
    help: 'Enables anonymous requests to the secure port of the API server',
  },
  'audit-log-maxage': {
    type: 'int',
    help: 'The maximum number of days to retain old audit log files based on the timestamp encoded in their filename',
  },
  'audit-log-maxbackup': {
    type: 'int',
    help: 'The maximum number of old audit log files to retain. Setting a value of 0 will mean there is no restriction on the number of files',
  },
  'audit-log-maxsize': {
    type: 'int',
    help: 'The maximum size in megabytes of the audit log file before it gets rotated',
  },
  'audit-log-path': {
    type: 'string',
    help: "If set, all requests coming to the apiserver will be logged to this file. '-' means standard out",
  },
  'audit-policy-file': {
    type: 'string',
    help: 'Path to the file that defines the audit policy configuration',
  },
  'authorization-mode': {
    type: 'list',
    default: ['Node', 'RBAC'],
    help: 'Ordered list of plug-ins to do authorization on secure port: AlwaysAllow,AlwaysDeny,RBAC,Node',
  },
  'bind-address': {
    type: 'string',
    default: '0.0.0.0',
    help: 'The IP address on which to listen for the --secure-port port',
  },
  'client-ca-file': {
    type: 'string',
    help: 'If set, any request presenting a client certificate signed by one of the authorities in the client-ca-file is authenticated with an identity corresponding to the CommonName of the client certificate',
  },
  'disable-admission-plugins': {
    type: 'list',
    help: 'admission plugins that should be disabled although they are in the default enabled plugins list',
  },
  'enable-admission-plugins': {
    type: 'list',
    help: 'admission plugins that should be enabled in addition to default enabled ones',
  },
  'enable-bootstrap-token-auth': {
    type: 'bool',
    help: "Enable to allow secrets of type 'bootstrap.kubernetes.io/token' in the 'kube-system' namespace to be used for TLS bootstrapping authentication",
  },
  'enable-priority-and-fairness': {
    type: 'bool',
    default: true,
    help: 'If true, replace the max-in-flight handler with an enhanced one that queues and dispatches with priority and fairness',
  },
  'encryption-provider-config': {
    type: 'string',
    help: 'The file containing configuration for encryption providers to be used for storing secrets in etcd',
  },
  'encryption-provider-config-automatic-reload': {
    type: 'bool',
    help: 'Determines if the file set by --encryption-provider-config should be automatically reloaded if the disk contents change',
  },
  'etcd-cafile': { type: 'string', help: 'SSL Certificate Authority file used to secure etcd communication' },
  'etcd-certfile': { type: 'string', help: 'SSL certification file used to secure etcd communication' },
  'etcd-compaction-interval': {
    type: 'duration',
    default: '5m',
    help: 'The interval of compaction requests. If 0, the compaction request from apiserver is disabled',
  },
  'etcd-keyfile': { type: 'string', help: 'SSL key file used to secure etcd communication' },
  'etcd-servers': { type: 'list', help: 'List of etcd servers to connect with (scheme://ip:port), comma separated' },
  'event-ttl': { type: 'duration', default: '1h', help: 'Amount of time to retain events' },
  'kubelet-certificate-authority': { type: 'string', help: 'Path to a cert file for the certificate authority' },
  'kubelet-client-certificate': { type: 'string', help: 'Path to a client cert file for TLS' },
  'kubelet-client-key': { type: 'string', help: 'Path to a client key file for TLS' },
  'kubelet-preferred-address-types': {
    type: 'list',
    default: ['InternalIP', 'Hostname', 'ExternalIP'],
    help: 'List of the preferred NodeAddressTypes to use for kubelet connections',
  },
  'max-mutating-requests-inflight': {
    type: 'int',
    default: 200,
    help: 'The maximum number of mutating requests in flight at a given time',
  },
  'max-requests-inflight': {
    type: 'int',
    default: 400,
    help: 'The maximum number of non-mutating requests in flight at a given time',
  },
  'proxy-client-cert-file': {
    type: 'string',
    help: 'Client certificate used to prove the identity of the aggregator or kube-apiserver when it must call out during a request, such as to a user api-server',
  },
  'proxy-client-key-file': { type: 'string', help: 'Private key for --proxy-client-cert-file' },
  'requestheader-allowed-names': {
    type: 'list',
    help: 'List of client certificate common names to allow to provide usernames in headers specified by --requestheader-username-headers. If empty, any client certificate validated by the authorities in --requestheader-client-ca-file is allowed',
  },
  'requestheader-client-ca-file': {
    type: 'string',
    help: 'Root certificate bundle to use to verify client certificates on incoming requests before trusting usernames in headers',
  },
  'requestheader-extra-headers-prefix': {
    type: 'list',
    default: ['X-Remote-Extra-'],
    help: 'List of request header prefixes to inspect',
  },
  'requestheader-group-headers': {
    type: 'list',
    default: ['X-Remote-Group'],
    help: 'List of request headers to inspect for groups',
  },
  'requestheader-uid-headers': {
    type: 'list',
    default: ['X-Remote-Uid'],
    help: 'List of request headers to inspect for UIDs',
  },
  'requestheader-username-headers': {
    type: 'list',
    default: ['X-Remote-User'],
    help: 'List of request headers to inspect for usernames',
  },
  profiling: {
    type: 'bool',
    default: true,
    help: 'Enable profiling via web interface host:port/debug/pprof/',
  },
  'request-timeout': {
    type: 'duration',
    default: '1m',
    help: 'The duration a handler must keep a request open before timing it out',
  },
  'secure-port': {
    type: 'int',
    default: 6443,
    help: 'The port on which to serve HTTPS with authentication and authorization',
  },
  'service-account-issuer': {
    type: 'string',
    default: 'https://kubernetes.default.svc.cluster.local',
    help: 'Identifier of the service account token issuer',
  },
  'service-account-key-file': {
    type: 'list',
    help: 'File containing PEM-encoded x509 RSA or ECDSA private or public keys, used to verify ServiceAccount tokens',
  },
  'service-account-signing-key-file': {
    type: 'string',
    help: 'Path to the file that contains the current private key of the service account token issuer',
  },
  'service-cluster-ip-range': {
    type: 'string',
    default: '10.0.0.0/24',
    help: 'A CIDR notation IP range from which to assign service cluster IPs',
  },
  'service-node-port-range': {
    type: 'string',
    default: '30000-32767',
    help: 'A port range to reserve for services with NodePort visibility',
  },
  'shutdown-delay-duration': {
    type: 'duration',
    help: 'Time to delay the termination. During that time the server keeps serving requests normally. The endpoints /healthz and /livez will return success, but /readyz immediately returns failure. Graceful termination starts after this delay has elapsed. This can be used to allow load balancer to stop sending traffic to this server',
  },
  'shutdown-grace-period': {
    type: 'duration',
    default: '10s',
    help: 'How long requests that are under way may take to finish after SIGTERM',
  },
  'shutdown-send-retry-after': {
    type: 'bool',
    help: "If true the HTTP Server will continue listening until all non long running request(s) in flight have been drained, during this window all incoming requests will be rejected with a status code 429 and a 'Retry-After' response header, in addition 'Connection: close' response header is set in order to tear down the TCP connection when idle",
  },
  'shutdown-watch-termination-grace-period': {
    type: 'duration',
    help: 'This option, if set, represents the duration over which watches are ended when the server shuts down, so that their clients do not all come to another one at once',
  },
  'tls-cert-file': { type: 'string', help: 'File containing the default x509 Certificate for HTTPS' },
  'tls-private-key-file': {
    type: 'string',
    help: 'File containing the default x509 private key matching --tls-cert-file',
  },
  'token-auth-file': {
    type: 'string',
    help: 'If set, the file that will be used to secure the secure port of the API server via token authentication',
  },
});

export type ApiServerFlags = FlagValues<typeof apiServerFlags>;
