package io.byssus.net.tls;

import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * What the handshake has agreed upon.
 *
 * @param version of the protocol
 * @param cipherSuite its IANA name, such as {@code TLS_AES_128_GCM_SHA256}
 * @param applicationProtocol by ALPN (RFC 7301), such as {@code h2}; empty if there was none
 * @param peerCertificates the peer's own first; empty if it showed none
 */
public record TlsInfo(
        TlsVersion version,
        String cipherSuite,
        Optional<String> applicationProtocol,
        List<X509Certificate> peerCertificates) {

    public TlsInfo {
        peerCertificates = List.copyOf(peerCertificates);
    }

    /**
     * What {@code engine} knows.
     *
     * @param asked whether the peer was asked for certificates
     */
    static TlsInfo of(SSLEngine engine, boolean asked) {
        SSLSession session = engine.getSession();
        String protocol = engine.getApplicationProtocol();
        return new TlsInfo(
                TlsVersion.of(session.getProtocol()),
                session.getCipherSuite(),
                protocol == null || protocol.isEmpty() ? Optional.empty() : Optional.of(protocol),
                asked ? peers(session) : List.of());
    }

    private static List<X509Certificate> peers(SSLSession session) {
        List<X509Certificate> peers = new ArrayList<>();
        try {
            for (Certificate certificate : session.getPeerCertificates()) {
                peers.add((X509Certificate) certificate);
            }
        } catch (SSLPeerUnverifiedException e) {
            return List.of(); // it showed none
        }
        return peers;
    }

    /** Whom the peer's certificate names; empty if it showed none. */
    public Optional<Principal> peer() {
        return peerCertificates.isEmpty()
                ? Optional.empty()
                : Optional.of(peerCertificates.getFirst().getSubjectX500Principal());
    }
}
