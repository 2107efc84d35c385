package io.byssus.net.tls;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * What servers and clients have in common.
 *
 * @param oldest the oldest version that is spoken
 * @param newest the newest version that is spoken
 * @param cipherSuites that may be used, the best first
 * @param applicationProtocols for ALPN, the best first
 * @param handshakeTimeout zero for none
 * @param provider who computes
 */
record TlsSettings(
        TlsVersion oldest,
        TlsVersion newest,
        List<String> cipherSuites,
        List<String> applicationProtocols,
        Duration handshakeTimeout,
        TlsProvider provider) {
    /**
     * Authenticated encryption and forward secrecy only: all of TLS 1.3, and of TLS 1.2 what RFC
     * 9325, 4.2 recommends, with ChaCha20 for machines without AES instructions.
     */
    static final List<String> STRONG =
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    static final TlsSettings DEFAULTS =
            new TlsSettings(
                    TlsVersion.TLS_1_2,
                    TlsVersion.TLS_1_3,
                    STRONG,
                    List.of(),
                    Duration.ofSeconds(10),
                    TlsProvider.JDK);

    private static final int PROTOCOL_BYTES_MAX = 255;

    TlsSettings {
        cipherSuites = List.copyOf(cipherSuites);
        applicationProtocols = List.copyOf(applicationProtocols);
        if (oldest.compareTo(newest) > 0) {
            throw new IllegalArgumentException("oldest=" + oldest + " newest=" + newest);
        }
        if (cipherSuites.isEmpty()) {
            throw new IllegalArgumentException("cipherSuites=[]: at least one is needed");
        }
        if (handshakeTimeout.isNegative()) {
            throw new IllegalArgumentException("handshakeTimeout=" + handshakeTimeout);
        }
        for (String protocol : applicationProtocols) {
            int length = protocol.getBytes(StandardCharsets.UTF_8).length;
            if (length == 0 || length > PROTOCOL_BYTES_MAX) {
                throw new IllegalArgumentException(
                        "applicationProtocol="
                                + protocol
                                + ": must have 1 to "
                                + PROTOCOL_BYTES_MAX
                                + " bytes");
            }
        }
    }

    TlsSettings withVersions(TlsVersion from, TlsVersion to) {
        return new TlsSettings(
                from, to, cipherSuites, applicationProtocols, handshakeTimeout, provider);
    }

    TlsSettings withCipherSuites(List<String> suites) {
        return new TlsSettings(
                oldest, newest, suites, applicationProtocols, handshakeTimeout, provider);
    }

    TlsSettings withApplicationProtocols(List<String> protocols) {
        return new TlsSettings(oldest, newest, cipherSuites, protocols, handshakeTimeout, provider);
    }

    TlsSettings withHandshakeTimeout(Duration limit) {
        return new TlsSettings(oldest, newest, cipherSuites, applicationProtocols, limit, provider);
    }

    TlsSettings withProvider(TlsProvider which) {
        return new TlsSettings(
                oldest, newest, cipherSuites, applicationProtocols, handshakeTimeout, which);
    }

    /** As the Java platform calls them. */
    String[] protocols() {
        return oldest == newest
                ? new String[] {oldest.protocol()}
                : new String[] {newest.protocol(), oldest.protocol()};
    }

    /**
     * Those that {@code supported} has too.
     *
     * @throws IllegalArgumentException if there are none
     */
    String[] cipherSuitesOf(String[] supported) {
        List<String> known = List.of(supported);
        String[] suites = cipherSuites.stream().filter(known::contains).toArray(String[]::new);
        if (suites.length == 0) {
            throw new IllegalArgumentException(
                    "cipherSuites=" + cipherSuites + ": " + provider + " knows none of them");
        }
        return suites;
    }

    /** The parameters of {@code engine} with these settings. */
    SSLParameters parameters(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(protocols());
        parameters.setCipherSuites(cipherSuitesOf(engine.getSupportedCipherSuites()));
        parameters.setUseCipherSuitesOrder(true);
        if (!applicationProtocols.isEmpty()) {
            parameters.setApplicationProtocols(applicationProtocols.toArray(String[]::new));
        }
        return parameters;
    }
}
