#!/usr/bin/env bash
# Makes the certificates of the tests anew: a root, and what it has signed. They are good for a hundred years.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

key() { # FILE ALGORITHM...
  openssl genpkey -quiet -out "$1" "${@:2}"
}

signed() { # NAME SUBJECT ALTERNATIVES ALGORITHM...
  key "$1.key" "${@:4}"
  openssl req -new -key "$1.key" -subj "/CN=$2" -addext "subjectAltName=$3" \
    | openssl x509 -req -CA root.pem -CAkey root.key -days 36500 -copy_extensions copy -out "$1.pem"
}

EC=(-algorithm EC -pkeyopt ec_paramgen_curve:P-256)
key root.key "${EC[@]}"
openssl req -new -x509 -key root.key -subj '/CN=Byssus tests' -days 36500 \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -out root.pem
signed server localhost 'DNS:localhost,IP:127.0.0.1,IP:::1' "${EC[@]}"
signed server-rsa localhost 'DNS:localhost,IP:127.0.0.1,IP:::1' -algorithm RSA -pkeyopt rsa_keygen_bits:2048
signed other other.test 'DNS:other.test,DNS:*.wild.test' "${EC[@]}"
signed client client 'DNS:client.test' "${EC[@]}"
signed edwards localhost 'DNS:localhost' -algorithm ED25519
# Signed by nobody.
key stranger.key "${EC[@]}"
openssl req -new -x509 -key stranger.key -subj '/CN=localhost' -days 36500 \
  -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -out stranger.pem
rm root.key
