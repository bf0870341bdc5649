/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A certificate and its key, made by openssl for these tests. */
#pragma once

#define PEM_FINGERPRINT \
  "49:AA:7C:77:36:65:1D:07:47:98:CF:F7:20:85:74:64:85:79:7B:A0:D2:1E:FE:61:55:20:D7:7C:6F:3A:63:" \
  "21"
#define PEM_END G_GINT64_CONSTANT (1796091557) /* seconds since 1970 */

#define PEM_CERTIFICATE \
  "-----BEGIN CERTIFICATE-----\n" \
  "MIIBiDCCAS+gAwIBAgIURjjXO45LlYZ55HbtAn/BOcLot/QwCgYIKoZIzj0EAwIw\n" \
  "GjEYMBYGA1UEAwwPY2FtLmV4YW1wbGUub3JnMB4XDTI2MTEyMTAyMTkxN1oXDTI2\n" \
  "MTIwMTAyMTkxN1owGjEYMBYGA1UEAwwPY2FtLmV4YW1wbGUub3JnMFkwEwYHKoZI\n" \
  "zj0CAQYIKoZIzj0DAQcDQgAEfJmwwZiuSPx7JxvB2yBQn6fkAn4/gaJ7Kx/bSX9k\n" \
  "wHT3mf1kNpDAOmeOrbxvhVfiUT7DytgEk2S+BxAQO2gKvaNTMFEwHQYDVR0OBBYE\n" \
  "FFMkdm4dCHrQb1KpV4iifmMga2C1MB8GA1UdIwQYMBaAFFMkdm4dCHrQb1KpV4ii\n" \
  "fmMga2C1MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgJg4NpZCq\n" \
  "7TakBM0La2JTeQrf33QFTSodKqP7gCC8oGICIAqfTX6wSuroNl30uZUiK2PXRDFK\n" \
  "MrkJSv/xsSeDtJPS\n" \
  "-----END CERTIFICATE-----\n"

#define PEM_KEY \
  "-----BEGIN EC PRIVATE KEY-----\n" \
  "MHcCAQEEIJhwklDByLiGXSqFuu5Gb6c+JsrjBmyKO3sKGliRqwYwoAoGCCqGSM49\n" \
  "AwEHoUQDQgAEfJmwwZiuSPx7JxvB2yBQn6fkAn4/gaJ7Kx/bSX9kwHT3mf1kNpDA\n" \
  "OmeOrbxvhVfiUT7DytgEk2S+BxAQO2gKvQ==\n" \
  "-----END EC PRIVATE KEY-----\n"

/* The same, locked by a passphrase. */
#define PEM_LOCKED_KEY \
  "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" \
  "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj4TyQzatXt1wICCAAw\n" \
  "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEARzLkRFVaZz9EaGyNLo6fsEgZBj\n" \
  "wDjXeIjvnOTZPam9obpc8MDudWf5A5XBSquLranZhaO+fhXRBF/FQ6uz5YeJ85cv\n" \
  "dLsVMGq0c30M16716GLuLLUcK/hHL/ZxHheaqTc73rGfr0JQMiIuTVF9Ykr4D6W0\n" \
  "/h/LarYE9t4syK9brmJPI31kKwQnxd8OBsF+arbUZ7Ds0on9tBDPmnHDgjunv3w=\n" \
  "-----END ENCRYPTED PRIVATE KEY-----\n"
