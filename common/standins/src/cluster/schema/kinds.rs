//! The schemas, in the notation of `parse.rs`: what of Istio 1.27, cert-manager 1.19 and Kubernetes 1.36 a writer of
//! these kinds may meet, with each field that it could name.

use super::super::kind::Kind;

/// The schema of a whole object of this kind.
pub(super) fn text(kind: Kind) -> String {
    let body = match kind {
        Kind::Namespace => "spec\n finalizers [text]\nstatus any",
        Kind::Secret => "type text\ndata {text}\nstringData {text}\nimmutable bool",
        Kind::Certificate => CERTIFICATE,
        Kind::CertificateRequest => CERTIFICATE_REQUEST,
        Kind::Order => ORDER,
        Kind::Challenge => CHALLENGE,
        Kind::Gateway => GATEWAY,
        Kind::VirtualService => VIRTUAL_SERVICE,
    };
    format!("{METADATA}{body}")
}

const METADATA: &str = "apiVersion text
kind text
metadata
 name text
 generateName text
 namespace text
 uid text
 resourceVersion text
 generation int
 creationTimestamp text
 deletionTimestamp text
 deletionGracePeriodSeconds int
 selfLink text
 labels {text}
 annotations {text}
 finalizers [set]
 ownerReferences [by uid]
  apiVersion! text
  kind! text
  name! text
  uid! text
  controller bool
  blockOwnerDeletion bool
 managedFields any
";

const CERTIFICATE: &str = "spec
 additionalOutputFormats []
  type! text(DER|CombinedPEM)
 commonName text
 dnsNames [text]
 duration text
 emailAddresses [text]
 encodeUsagesInRequest bool
 ipAddresses [text]
 isCA bool
 issuerRef!
  group text
  kind text
  name! text
 keystores any
 literalSubject text
 nameConstraints any
 otherNames []
  oid text
  utf8Value text
 privateKey
  algorithm text(RSA|ECDSA|Ed25519)
  encoding text(PKCS1|PKCS8)
  rotationPolicy text(Never|Always)
  size int
 renewBefore text
 renewBeforePercentage int
 renewal
  policy text(RenewBefore|Disabled)
  windows []
   cron! text
   timezone text
   windowDuration! text
 revisionHistoryLimit int
 secretName! text
 secretTemplate
  annotations {text}
  labels {text}
 signatureAlgorithm text(SHA256WithRSA|SHA384WithRSA|SHA512WithRSA|ECDSAWithSHA256|ECDSAWithSHA384|ECDSAWithSHA512|PureEd25519)
 subject
  countries [text]
  localities [text]
  organizationalUnits [text]
  organizations [text]
  postalCodes [text]
  provinces [text]
  serialNumber text
  streetAddresses [text]
 uris [text]
 usages [text]
status
 acme any
 conditions [by type]
  lastTransitionTime text
  message text
  observedGeneration int
  reason text
  status! text(True|False|Unknown)
  type! text
 failedIssuanceAttempts int
 lastFailureTime text
 nextPrivateKeySecretName text
 notAfter text
 notBefore text
 renewalTime text
 revision int
";

const CERTIFICATE_REQUEST: &str = "spec
 duration text
 extra any
 groups [text]
 isCA bool
 issuerRef!
  group text
  kind text
  name! text
 request! text
 uid text
 usages [text]
 username text
status
 ca text
 certificate text
 conditions [by type]
  lastTransitionTime text
  message text
  reason text
  status! text(True|False|Unknown)
  type! text
 failureTime text
";

const ORDER: &str = "spec!
 commonName text
 dnsNames [text]
 duration text
 ipAddresses [text]
 issuerRef!
  group text
  kind text
  name! text
 profile text
 replaces text
 request! text
status
 authorizations []
  challenges []
   token! text
   type! text
   url! text
  identifier text
  initialState text(valid|ready|pending|processing|invalid|expired|errored)
  url! text
  wildcard bool
 certificate text
 failureTime text
 finalizeURL text
 reason text
 state text(valid|ready|pending|processing|invalid|expired|errored)
 url text
";

const CHALLENGE: &str = "spec!
 authorizationURL! text
 dnsName! text
 issuerRef!
  group text
  kind text
  name! text
 key! text
 solver! any
 token! text
 type! text(HTTP-01|DNS-01)
 url! text
 wildcard bool
status
 presented bool
 presentedAt text
 processing bool
 reason text
 state text(valid|ready|pending|processing|invalid|expired|errored)
";

const GATEWAY: &str = "spec
 selector {text}
 servers []
  bind text
  defaultEndpoint text
  hosts! [text]
  name text
  port!
   name! text
   number! u32
   protocol! text
   targetPort u32
  tls
   ?credentialName credentialNames tlsCertificates
   caCertCredentialName text
   caCertificates text
   caCrl text
   cipherSuites [text]
   credentialName text
   credentialNames [text]
   ecdhCurves [text]
   httpsRedirect bool
   insecureSkipVerify bool
   maxProtocolVersion text(TLS_AUTO|TLSV1_0|TLSV1_1|TLSV1_2|TLSV1_3)
   minProtocolVersion text(TLS_AUTO|TLSV1_0|TLSV1_1|TLSV1_2|TLSV1_3)
   mode text(PASSTHROUGH|SIMPLE|MUTUAL|AUTO_PASSTHROUGH|ISTIO_MUTUAL|OPTIONAL_MUTUAL)
   privateKey text
   serverCertificate text
   subjectAltNames [text]
   tlsCertificates []
    caCertificates text
    privateKey text
    serverCertificate text
   verifyCertificateHash [text]
   verifyCertificateSpki [text]
status any
";

const VIRTUAL_SERVICE: &str = "spec
 exportTo [text]
 gateways [text]
 hosts [text]
 http []
  corsPolicy any
  delegate
   name text
   namespace text
  directResponse
   body
    ?string bytes
    bytes text
    string text
   status! u32
  fault any
  headers
   request
    add {text}
    remove [text]
    set {text}
   response
    add {text}
    remove [text]
    set {text}
  match []
   authority match
   gateways [text]
   headers {match}
   ignoreUriCase bool
   method match
   name text
   port u32
   queryParams {match}
   scheme match
   sourceLabels {text}
   sourceNamespace text
   statPrefix text
   uri match
   withoutHeaders {match}
  mirror any
  mirrorPercent u32
  mirrorPercentage any
  mirror_percent u32
  mirrors any
  name text
  redirect
   ?port derivePort
   authority text
   derivePort text(FROM_PROTOCOL_DEFAULT|FROM_REQUEST_PORT)
   port u32
   prefixRewrite text
   redirectCode u32
   scheme text
   uri text
  retries
   attempts int
   backoff duration
   perTryTimeout duration
   retryIgnorePreviousHosts bool
   retryOn text
   retryRemoteLocalities bool
  rewrite
   authority text
   uri text
   uriRegexRewrite
    match text
    rewrite text
  route []
   destination!
    host! text
    port
     number u32
    subset text
   headers any
   weight int
  timeout duration
 tcp any
 tls any
status any
";
