import type { CertifiedKey } from '@gatewright/testing'

/**
 * A certificate for `localhost`, `127.0.0.1` and `::1` that no authority has signed, valid from 2020 until 2120. Its key
 * is public: never trust it anywhere.
 */
export const selfSigned: CertifiedKey = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBaDCCAQ6gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGgaufkSl1iaXXxj
hqR6hDyU5A+4pAm0h3bx96zj3OjGFz17AG9Q37equypv75v4FLcXWFQONrUwzfnn
lU3QnkGjTzBNMCwGA1UdEQQlMCOCCWxvY2FsaG9zdIcEfwAAAYcQAAAAAAAAAAAA
AAAAAAAAATAdBgNVHQ4EFgQUzMC33dYD/h1dJdEOHSY8jxiaQyMwCgYIKoZIzj0E
AwIDSAAwRQIhANuiOOxhwbXrOOqGoeMDHBH9WioUfL6/JEjr9SP/xQJuAiB0qN2Z
eQNGQtg2gX8Zm3CfCORXfqnknAk36AX34EISdw==
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1LBqQ0zbkHNHm36q
sUGkmTviBCrBt/E0xtZwrQ8LKMqhRANCAARoGrn5EpdYml18Y4akeoQ8lOQPuKQJ
tId28fes49zoxhc9ewBvUN+3qrsqb++b+BS3F1hUDja1MM3555VN0J5B
-----END PRIVATE KEY-----`
}
