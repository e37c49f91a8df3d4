/** A certificate and its private key, PEM text. */
export interface CertifiedKey {
  readonly cert: string
  readonly key: string
}

/** Certificates for tests. Their keys are public: never trust them anywhere else. */
export interface TestCertificates {
  /** The authority that signed all of them, PEM text. */
  readonly ca: string
  /** For `localhost`, `127.0.0.1` and `::1`. */
  readonly server: CertifiedKey
  /** For `wrong.test`. */
  readonly wrongName: CertifiedKey
  /** For the names of `server`, until 2 January 2020. */
  readonly expired: CertifiedKey
  /** A client certificate with the common name `client`. */
  readonly client: CertifiedKey
}

// Made once, with OpenSSL 3:
//
//   key()  { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out $1.key.pem; }
//   ca()   { openssl ca -batch -notext -config ca.cnf -keyfile ca.key.pem -startdate 20200101000000Z "$@"; }
//   sign() { key $1; openssl req -new -key $1.key.pem -subj "/CN=$2" -addext "$3" -out $1.csr
//            ca -cert ca.pem -enddate $4 -in $1.csr -out $1.pem; }
//   names=subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1
//   key ca; openssl req -new -key ca.key.pem -subj '/CN=Gatewright test authority' \
//     -addext basicConstraints=critical,CA:TRUE -out ca.csr
//   ca -selfsign -enddate 21200101000000Z -in ca.csr -out ca.pem
//   sign server localhost $names 21200101000000Z
//   sign wrong wrong.test subjectAltName=DNS:wrong.test 21200101000000Z
//   sign expired localhost $names 20200102000000Z
//   sign client client extendedKeyUsage=clientAuth 21200101000000Z
//
// ca.cnf: [ca] default_ca=d [d] database=index.txt serial=serial new_certs_dir=. default_md=sha256 policy=p
//         unique_subject=no copy_extensions=copy [p] commonName=supplied

/** Certificates for tests, valid from 2020 until 2120 unless said otherwise. */
export const testCertificates: TestCertificates = {
  ca: `-----BEGIN CERTIFICATE-----
MIIBajCCARGgAwIBAgIBATAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlHYXRld3Jp
Z2h0IHRlc3QgYXV0aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAw
MDAwWjAkMSIwIAYDVQQDDBlHYXRld3JpZ2h0IHRlc3QgYXV0aG9yaXR5MFkwEwYH
KoZIzj0CAQYIKoZIzj0DAQcDQgAETpdhF1jXj+DH1LYUEv1tTBmUL8k4WslqP3Cx
43Q1U9LbowJjPgG03Ob6Tlky/eq0FL6t/FyHU9nxf+gSs+K1f6MyMDAwDwYDVR0T
AQH/BAUwAwEB/zAdBgNVHQ4EFgQU3UstNoSLHLVdwKo14c0ldpPNK8kwCgYIKoZI
zj0EAwIDRwAwRAIgTNCCNL3/TZNjLjUOm5EiCxiaw7BbF6JO2IOErQjEwk0CIGwd
Do0Vw1UpwXyGpn/oU7o8YoPRbpFfK16u7U+QAhKM
-----END CERTIFICATE-----`,
  server: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBmTCCAT+gAwIBAgIBAjAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlHYXRld3Jp
Z2h0IHRlc3QgYXV0aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAw
MDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAAQLoJBP8lV3QlmEXeX1vW6O03vUagU0zdPjh19a5adeeQI3LDSLyN+KByWi
0LWQXSrCuhCRgShXViQ5tT3cVtBNo3AwbjAsBgNVHREEJTAjgglsb2NhbGhvc3SH
BH8AAAGHEAAAAAAAAAAAAAAAAAAAAAEwHQYDVR0OBBYEFOPKll2IaW9spCfqI8qK
kpnId3E8MB8GA1UdIwQYMBaAFN1LLTaEixy1XcCqNeHNJXaTzSvJMAoGCCqGSM49
BAMCA0gAMEUCIQCqdlWKtG9M7a4oWGtDrE65YEJAWwM9x2+Al8KUM4SemwIgMyXv
YqJnw4hlDu6rpFCBXpHAfiZ3yLWFEwBumJDjSPM=
-----END CERTIFICATE-----`,
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgc6y52cIlSbJHED4n
hQPmyaf1aAcW3bUYl6aZtznqwg6hRANCAAQLoJBP8lV3QlmEXeX1vW6O03vUagU0
zdPjh19a5adeeQI3LDSLyN+KByWi0LWQXSrCuhCRgShXViQ5tT3cVtBN
-----END PRIVATE KEY-----`
  },
  wrongName: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBgzCCASmgAwIBAgIBAzAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlHYXRld3Jp
Z2h0IHRlc3QgYXV0aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAw
MDAwWjAVMRMwEQYDVQQDDAp3cm9uZy50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEs0v3sDCY1Mh5YyjLyrCLktZEtrI0G5lchY2mglReGqNvV3CWH57mql64
Rr8GQ1m0XjGZeUCOWCYLql8swnKZ2aNZMFcwFQYDVR0RBA4wDIIKd3JvbmcudGVz
dDAdBgNVHQ4EFgQUkcKtgbS/lYyrG+YHuQNdqbQA2+4wHwYDVR0jBBgwFoAU3Ust
NoSLHLVdwKo14c0ldpPNK8kwCgYIKoZIzj0EAwIDSAAwRQIgDY0wjt0bl156e5HZ
/VB1Ee5WVCr3uQrGM5MoKJfbqMcCIQDJn80Zu3G7blxdKGARGvwSGq+3kKT66H8O
WyYYmB+KHQ==
-----END CERTIFICATE-----`,
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEo+ABBSmXUKgCf7O
vE46SQSqtEajwujlNWjtE72XCAOhRANCAASzS/ewMJjUyHljKMvKsIuS1kS2sjQb
mVyFjaaCVF4ao29XcJYfnuaqXrhGvwZDWbReMZl5QI5YJguqXyzCcpnZ
-----END PRIVATE KEY-----`
  },
  expired: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBlzCCAT2gAwIBAgIBBDAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlHYXRld3Jp
Z2h0IHRlc3QgYXV0aG9yaXR5MB4XDTIwMDEwMTAwMDAwMFoXDTIwMDEwMjAwMDAw
MFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEJphfYPwoN+lmWKo4fgFTfQBEhoII0vSovXnc82R1tq5WdOug+hEkMgzztouh
1sqXCkVfO/kqMDvJKtX7cSNuaaNwMG4wLAYDVR0RBCUwI4IJbG9jYWxob3N0hwR/
AAABhxAAAAAAAAAAAAAAAAAAAAABMB0GA1UdDgQWBBR6FLq99/xnnMdFi7HZx/Fi
MjVOkjAfBgNVHSMEGDAWgBTdSy02hIsctV3AqjXhzSV2k80ryTAKBggqhkjOPQQD
AgNIADBFAiEA6t2BDXWG1o7pBpG+JoUWs0+J4xWLq6X3m7vDOLuvGpMCIHcn+edh
rqyLuaSAWDNUrLQZogADNYtUC73NiPxfj27T
-----END CERTIFICATE-----`,
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/zR2hA0aGekgN0d4
d0P8GQw3EbdhLfajtFmIbLAx26ahRANCAAQmmF9g/Cg36WZYqjh+AVN9AESGggjS
9Ki9edzzZHW2rlZ066D6ESQyDPO2i6HWypcKRV87+SowO8kq1ftxI25p
-----END PRIVATE KEY-----`
  },
  client: {
    cert: `-----BEGIN CERTIFICATE-----
MIIBfDCCASOgAwIBAgIBBTAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlHYXRld3Jp
Z2h0IHRlc3QgYXV0aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAw
MDAwWjARMQ8wDQYDVQQDDAZjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAREaWTFOcYVoWAqLkWKOr/EHIN+Ft/iQdfAkN2NgCkAZZIOkAY/IDTfarrKuHOO
j01kDm2VuPVhoc4x3tT621zTo1cwVTATBgNVHSUEDDAKBggrBgEFBQcDAjAdBgNV
HQ4EFgQU6x6LNJtxmZ3oP09NshrCS/Qymi4wHwYDVR0jBBgwFoAU3UstNoSLHLVd
wKo14c0ldpPNK8kwCgYIKoZIzj0EAwIDRwAwRAIgH8oiY9dI9R73w5Soqs5xefR2
EEx0VNIRk5eFNg7CGtoCIEMJRjzxoSu1peTQ5ABq2vEDftoARuAG6QCL9flWKzW4
-----END CERTIFICATE-----`,
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaVLeQiv6soATqj5q
nS8R+cu1tNvhPt6FL1Rm3xp+tJ2hRANCAAREaWTFOcYVoWAqLkWKOr/EHIN+Ft/i
QdfAkN2NgCkAZZIOkAY/IDTfarrKuHOOj01kDm2VuPVhoc4x3tT621zT
-----END PRIVATE KEY-----`
  }
}
