package io.byssus.net.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How a client speaks TLS. Start from {@link #defaults}; each {@code with} method answers a changed
 * copy.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class TlsClientOptions {
    private static final TlsClientOptions DEFAULTS =
            new TlsClientOptions(null, null, null, true, TlsSettings.DEFAULTS);

    private final CertificateFiles certificate;
    private final SSLContext context;
    private final Path trusted;
    private final boolean verifiesName;
    private final TlsSettings settings;

    private TlsClientOptions(
            CertificateFiles certificate,
            SSLContext context,
            Path trusted,
            boolean verifiesName,
            TlsSettings settings) {
        this.certificate = certificate;
        this.context = context;
        this.trusted = trusted;
        this.verifiesName = verifiesName;
        this.settings = settings;
    }

    /**
     * TLS 1.2 and 1.3 with strong ciphers, ten seconds for a handshake; the server's certificate
     * must lead to one of the roots that the Java platform trusts, and must be for the name that is
     * connected to.
     */
    public static TlsClientOptions defaults() {
        return DEFAULTS;
    }

    /** Certificates and trust from a context that the caller has made. */
    public static TlsClientOptions of(SSLContext context) {
        return new TlsClientOptions(
                null, Objects.requireNonNull(context), null, true, TlsSettings.DEFAULTS);
    }

    /**
     * Trusts what leads to one of the certificates in {@code roots}, a PEM file, and nothing else.
     *
     * @throws IllegalStateException if these options have a context of the caller's
     */
    public TlsClientOptions withTrusted(Path roots) {
        requireFiles("trusted=" + roots);
        return new TlsClientOptions(
                certificate, null, Objects.requireNonNull(roots), verifiesName, settings);
    }

    /**
     * Shows this certificate to a server that asks for one. The files are as those of {@link
     * TlsServerOptions#of}.
     *
     * @throws IllegalStateException if these options have a context of the caller's
     */
    public TlsClientOptions withCertificate(Path chain, Path key) {
        requireFiles("certificate=" + chain);
        return new TlsClientOptions(
                new CertificateFiles(chain, key), null, trusted, verifiesName, settings);
    }

    /**
     * Does not look whether the server's certificate is for the name that is connected to: anyone
     * who has a certificate of a trusted root can then pass for the server.
     */
    public TlsClientOptions withoutNameVerification() {
        return new TlsClientOptions(certificate, context, trusted, false, settings);
    }

    /** As {@link TlsServerOptions#withVersions}. */
    public TlsClientOptions withVersions(TlsVersion oldest, TlsVersion newest) {
        return with(settings.withVersions(oldest, newest));
    }

    /** As {@link TlsServerOptions#withCipherSuites}. */
    public TlsClientOptions withCipherSuites(List<String> suites) {
        return with(settings.withCipherSuites(suites));
    }

    /** What the client can speak over the connection (ALPN, RFC 7301), the best first. */
    public TlsClientOptions withApplicationProtocols(String... protocols) {
        return with(settings.withApplicationProtocols(List.of(protocols)));
    }

    /** How long a handshake may take; zero for ever. */
    public TlsClientOptions withHandshakeTimeout(Duration limit) {
        return with(settings.withHandshakeTimeout(limit));
    }

    /** Who computes; the JDK by default. Not for a context of the caller's, which decides. */
    public TlsClientOptions withProvider(TlsProvider provider) {
        return with(settings.withProvider(Objects.requireNonNull(provider)));
    }

    Optional<CertificateFiles> certificate() {
        return Optional.ofNullable(certificate);
    }

    Optional<SSLContext> context() {
        return Optional.ofNullable(context);
    }

    Optional<Path> trusted() {
        return Optional.ofNullable(trusted);
    }

    boolean verifiesName() {
        return verifiesName;
    }

    TlsSettings settings() {
        return settings;
    }

    private void requireFiles(String what) {
        if (context != null) {
            throw new IllegalStateException(what + ": the caller's SSLContext decides that");
        }
    }

    private TlsClientOptions with(TlsSettings changed) {
        return new TlsClientOptions(certificate, context, trusted, verifiesName, changed);
    }
}
