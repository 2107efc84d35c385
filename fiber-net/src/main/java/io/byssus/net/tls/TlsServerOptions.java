package io.byssus.net.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How a server speaks TLS. Start from {@link #of}; each {@code with} method answers a changed copy.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class TlsServerOptions {
    private final List<CertificateFiles> certificates;
    private final SSLContext context;
    private final ClientCertificates clientCertificates;
    private final Path trusted;
    private final TlsSettings settings;

    private TlsServerOptions(
            List<CertificateFiles> certificates,
            SSLContext context,
            ClientCertificates clientCertificates,
            Path trusted,
            TlsSettings settings) {
        this.certificates = List.copyOf(certificates);
        this.context = context;
        this.clientCertificates = clientCertificates;
        this.trusted = trusted;
        this.settings = settings;
    }

    /**
     * TLS 1.2 and 1.3 with strong ciphers, ten seconds for a handshake, no client certificates.
     *
     * @param certificate a PEM file with the server's certificate, then those that lead to its root
     * @param key a PEM file with its private key, PKCS #8 and not encrypted
     */
    public static TlsServerOptions of(Path certificate, Path key) {
        return new TlsServerOptions(
                List.of(new CertificateFiles(certificate, key)),
                null,
                ClientCertificates.IGNORED,
                null,
                TlsSettings.DEFAULTS);
    }

    /**
     * As the other, with certificates and trust from a context that the caller has made, perhaps
     * with a provider of its own. {@link TlsServer#reload} does nothing for it.
     */
    public static TlsServerOptions of(SSLContext context) {
        return new TlsServerOptions(
                List.of(),
                Objects.requireNonNull(context),
                ClientCertificates.IGNORED,
                null,
                TlsSettings.DEFAULTS);
    }

    /**
     * One more certificate. The name that a client asks for (SNI, RFC 6066) picks the one that is
     * for it; the first is for the others.
     *
     * @throws IllegalStateException if these options have a context of the caller's
     */
    public TlsServerOptions withCertificate(Path certificate, Path key) {
        requireFiles("certificate=" + certificate);
        List<CertificateFiles> all = new ArrayList<>(certificates);
        all.add(new CertificateFiles(certificate, key));
        return new TlsServerOptions(all, null, clientCertificates, trusted, settings);
    }

    /**
     * Asks clients for certificates, which must lead to one of those in {@code roots}, a PEM file.
     *
     * @throws IllegalStateException if these options have a context of the caller's
     */
    public TlsServerOptions withClientCertificates(ClientCertificates wanted, Path roots) {
        requireFiles("trusted=" + roots);
        return new TlsServerOptions(
                certificates,
                null,
                Objects.requireNonNull(wanted),
                Objects.requireNonNull(roots),
                settings);
    }

    /** Asks clients for certificates, which the context that the caller has made must trust. */
    public TlsServerOptions withClientCertificates(ClientCertificates wanted) {
        return new TlsServerOptions(
                certificates, context, Objects.requireNonNull(wanted), trusted, settings);
    }

    /**
     * From {@code oldest} to {@code newest}; both by default.
     *
     * @throws IllegalArgumentException if they are the wrong way round
     */
    public TlsServerOptions withVersions(TlsVersion oldest, TlsVersion newest) {
        return with(settings.withVersions(oldest, newest));
    }

    /**
     * The cipher suites that may be used, the best first, by their IANA names; those that the
     * provider does not have are left out. By default all are strong; whoever calls this says what
     * is.
     *
     * @throws IllegalArgumentException if there are none
     */
    public TlsServerOptions withCipherSuites(List<String> suites) {
        return with(settings.withCipherSuites(suites));
    }

    /**
     * What is spoken over the connection (ALPN, RFC 7301), the best first, such as {@code h2} and
     * {@code http/1.1}. A client that offers others only gets no connection.
     *
     * @throws IllegalArgumentException if one is empty or has more than 255 bytes
     */
    public TlsServerOptions withApplicationProtocols(String... protocols) {
        return with(settings.withApplicationProtocols(List.of(protocols)));
    }

    /**
     * How long a handshake may take, from when the server first reads or writes; zero for ever.
     * Then the connection is reset.
     *
     * @throws IllegalArgumentException if negative
     */
    public TlsServerOptions withHandshakeTimeout(Duration limit) {
        return with(settings.withHandshakeTimeout(limit));
    }

    /** Who computes; the JDK by default. Not for a context of the caller's, which decides. */
    public TlsServerOptions withProvider(TlsProvider provider) {
        return with(settings.withProvider(Objects.requireNonNull(provider)));
    }

    List<CertificateFiles> certificates() {
        return certificates;
    }

    Optional<SSLContext> context() {
        return Optional.ofNullable(context);
    }

    ClientCertificates clientCertificates() {
        return clientCertificates;
    }

    Optional<Path> trusted() {
        return Optional.ofNullable(trusted);
    }

    TlsSettings settings() {
        return settings;
    }

    private void requireFiles(String what) {
        if (context != null) {
            throw new IllegalStateException(what + ": the caller's SSLContext decides that");
        }
    }

    private TlsServerOptions with(TlsSettings changed) {
        return new TlsServerOptions(certificates, context, clientCertificates, trusted, changed);
    }
}
